package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
)

// EventKind says what a line of the story tells.
type EventKind string

// The kinds.
const (
	EventOpened   EventKind = "opened"   // baseline and locks are durable
	EventPhase    EventKind = "phase"    // a phase was entered
	EventProgress EventKind = "progress" // something changed within a phase; Data is a Stopped, a HookCall, or nothing
	EventLook     EventKind = "look"     // a look of the judge; Data is a Look
	EventDecision EventKind = "decision" // promote or roll back was decided; Data is a Decision
	EventCalled   EventKind = "called"   // a person was called
	EventOrder    EventKind = "order"    // a person gave an order; Data is an Order
	EventFinished EventKind = "finished" // the release is over; Data is the Outcome
)

// Event is one line of a release's story. Lines are only ever appended, and each holds the hash of the last durable
// one before it.
type Event struct {
	Seq   int64           `json:"seq"` // from 1
	At    time.Time       `json:"at"`
	Kind  EventKind       `json:"kind"`
	Phase Phase           `json:"phase"`
	Step  int             `json:"step"`  // index into the plan's steps
	Epoch int             `json:"epoch"` // of the execution that wrote it
	Text  string          `json:"text"`  // one sentence for a person
	Data  json.RawMessage `json:"data,omitempty"`
	Prev  string          `json:"prev"` // the hash of the last durable line before; empty at the first
	Hash  string          `json:"hash"`
}

// Finished is the line that says that the release is over. When and where it was written is left to the ledger.
func (r *Release) Finished(text string) Event {
	return Event{Kind: EventFinished, Text: text, Data: strconv.AppendQuote(nil, string(r.Outcome()))}
}

// Look is the Data of an EventLook: what the judge saw and said.
type Look struct {
	Judgement Judgement `json:"judgement"`
	Weight    Percent   `json:"weight"` // effective
	Canary    Units     `json:"canary"`
	Primary   Units     `json:"primary"`
	NextLook  time.Time `json:"nextLook,omitzero"`
}

// Document returns the event as the ledger keeps it: one JSON object whose last field is the hash. Data stands in it
// byte for byte, so the hash of what was written is the hash of what is read.
func (e Event) Document() []byte {
	return e.appendDocument(make([]byte, 0, 384+len(e.Text)+len(e.Data)))
}

func (e Event) appendDocument(doc []byte) []byte {
	doc = strconv.AppendInt(append(doc, `{"seq":`...), e.Seq, 10)
	doc = e.At.AppendFormat(append(doc, `,"at":"`...), time.RFC3339Nano)
	doc = quoted(append(doc, `","kind":`...), string(e.Kind))
	doc = quoted(append(doc, `,"phase":`...), string(e.Phase))
	doc = strconv.AppendInt(append(doc, `,"step":`...), int64(e.Step), 10)
	doc = strconv.AppendInt(append(doc, `,"epoch":`...), int64(e.Epoch), 10)
	doc = quoted(append(doc, `,"text":`...), e.Text)
	if len(e.Data) > 0 {
		doc = append(append(doc, `,"data":`...), e.Data...)
	}
	doc = quoted(append(doc, `,"prev":`...), e.Prev)
	doc = quoted(append(doc, `,"hash":`...), e.Hash)
	return append(doc, '}')
}

// quoted appends a text as JSON writes it.
func quoted(doc []byte, text string) []byte {
	if plain(text) {
		return append(append(append(doc, '"'), text...), '"')
	}
	quote, err := json.Marshal(text)
	if err != nil { // a string
		panic(err)
	}
	return append(doc, quote...)
}

// plain reports whether a text stands in JSON as it is, with room to spare.
func plain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\', '<', '>', '&':
			return false
		default:
			if c < ' ' || c > '~' {
				return false
			}
		}
	}
	return true
}

// Sum returns the hash that an event must carry: SHA-256 over its document with an empty Hash.
func (e Event) Sum() string {
	e.Hash = ""
	return sumOf(e.Document())
}

// sumOf returns the hash of a document with an empty hash.
func sumOf(doc []byte) string {
	sum := sha256.Sum256(doc)
	return hex.EncodeToString(sum[:])
}

// Durable reports whether the event stays for good. Looks expire, so they hang on the chain without being links of it.
func (k EventKind) Durable() bool { return k != EventLook }

// VerifyChain checks a release's events, in order, against the head of the chain that the release item holds. It
// returns the sequence number of the first event that was changed, removed or put in, and false; or true. A chain that
// was cut at its end answers the number after the last event.
func VerifyChain(events []Event, head string) (broken int64, ok bool) {
	var link Event
	var doc []byte // one for all: a release has dozens of events
	for _, event := range events {
		unsealed := event
		unsealed.Hash = ""
		doc = unsealed.appendDocument(doc[:0])
		if event.Hash != sumOf(doc) || event.Prev != link.Hash {
			return event.Seq, false
		}
		if event.Kind.Durable() {
			link = event
		}
	}
	if link.Hash != head {
		return link.Seq + 1, false
	}
	return 0, true
}
