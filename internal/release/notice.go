package release

// NoticeKind says what people and machines are told of.
type NoticeKind string

// The kinds. Each is an event of serin's own; people are told of all but the first.
const (
	NoticeStarted    NoticeKind = "Started"    // baseline and locks are durable
	NoticeWaiting    NoticeKind = "Waiting"    // only a person can go on: an approval, a hold
	NoticeReleased   NoticeKind = "Released"   // the new revision serves
	NoticeRolledBack NoticeKind = "RolledBack" // the recorded baseline serves
	NoticeDirty      NoticeKind = "Dirty"      // neither could be brought about: this one pages
)

// Notice is something that happened to a release, for those who want to know. How they are told is not the concern of
// whoever noticed it.
type Notice struct {
	Kind NoticeKind
	Text string // what is wanted or wrong, in a sentence; empty where the release itself says it all
}
