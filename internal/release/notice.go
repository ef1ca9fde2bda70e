package release

// NoticeKind says what people and machines are told of.
type NoticeKind string

// The kinds. Each is an event of serin's own; people are told of all but the first. The last is told of a push and not of
// a release: there is none.
const (
	NoticeStarted    NoticeKind = "Started"    // baseline and locks are durable
	NoticeWaiting    NoticeKind = "Waiting"    // only a person can go on: an approval, a hold
	NoticeReleased   NoticeKind = "Released"   // the new revision serves
	NoticeRolledBack NoticeKind = "RolledBack" // the recorded baseline serves
	NoticeDirty      NoticeKind = "Dirty"      // neither could be brought about: this one pages
	NoticeAbandoned  NoticeKind = "Abandoned"  // it was Dirty, and a person has given it up
	NoticeRefused    NoticeKind = "Refused"    // what was pushed is not released
)

// Notice is something that happened to a release, for those who want to know. How they are told is not the concern of
// whoever noticed it.
type Notice struct {
	Kind NoticeKind
	Text string // what is wanted or wrong, in a sentence; empty where the release itself says it all
}

// Toll is what a release cost the work, as far as it can be counted when people are told. It decides nothing.
type Toll struct {
	Canary      Arm      // what the canary did, and how much of it failed; zero where nothing was counted
	DeadLetters *Backlog // nil where there is no such queue, or nobody knows
}

// Backlog is how many messages lie in a queue.
type Backlog struct {
	Before int64 // the release
	Now    int64
}
