package release

import (
	"encoding/json"
	"strconv"
	"time"
)

// Document returns the state as JSON, byte for byte as encoding/json writes it and at a fraction of its cost: no document
// is written more often. A test fails for any field that is forgotten here.
func (s State) Document() []byte {
	o := begun(2048)
	o.whole("version", s.Version)
	o.whole("seq", s.Seq)
	o.text("hash", s.Hash)
	o.text("phase", string(s.Phase))
	o.time("since", s.Since)
	o.flag("home", s.Home)
	o.whole("epoch", int64(s.Epoch))
	o.other("executions", s.Executions)
	o.whole("step", int64(s.Step))
	o.timeOrNone("canarySince", s.CanarySince)
	o.timeOrNone("bakeSince", s.BakeSince)
	listOrNone(&o, "shares", s.Shares, TaskShare.document)
	if !s.Measured.none() {
		o.other("measured", s.Measured)
	}
	o.timeOrNone("askedSince", s.AskedSince)
	o.flag("approved", s.Approved)
	o.timeOrNone("pausedSince", s.PausedSince)
	if s.Paused != 0 {
		o.text("paused", s.Paused.String())
	}
	s.Judgement.document(&o)
	if s.Decision != (Decision{}) {
		o.other("decision", s.Decision)
	}
	if len(s.Orders) > 0 {
		o.other("orders", s.Orders)
	}
	o.wholeOrNone("recoveries", int64(s.Recoveries))
	o.timeOrNone("recoveryAt", s.RecoveryAt)
	listOrNone(&o, "leases", s.Leases, Lease.document)
	listOrNone(&o, "made", s.Made, Made.document)
	if len(s.Stopped) > 0 {
		o.other("stopped", s.Stopped)
	}
	o.textOrNone("cleanupPending", s.CleanupPending)
	o.timeOrNone("cleanupDue", s.CleanupDue)
	o.wholeOrNone("cleanups", int64(s.Cleanups))
	o.textOrNone("called", s.Called)
	return o.end()
}

func (j Judgement) document(o *written) {
	switch {
	case j.Checks != nil: // they stand in the looks
		o.other("judgement", j)
	case j.Verdict != Unknown || j.Sentence != "":
		o.name("judgement")
		o.doc = append(o.doc, '{')
		o.text("verdict", j.Verdict.String())
		o.text("sentence", j.Sentence)
		o.doc = append(o.doc, '}')
	}
}

func (t TaskShare) document(o *written) {
	o.time("at", t.At)
	o.whole("canary", int64(t.Canary))
	o.whole("primary", int64(t.Primary))
}

func (l Lease) document(o *written) {
	o.text("verb", string(l.Verb))
	o.text("request", l.Request)
	o.time("until", l.Until)
}

func (m Made) document(o *written) {
	o.text("kind", m.Kind)
	o.text("id", m.ID)
	o.text("for", m.For)
}

// written is a JSON object that grows field by field.
type written struct{ doc []byte }

func begun(size int) written { return written{append(make([]byte, 0, size), '{')} }

func (o *written) end() []byte { return append(o.doc, '}') }

func (o *written) name(name string) {
	if last := o.doc[len(o.doc)-1]; last != '{' {
		o.doc = append(o.doc, ',')
	}
	o.doc = append(append(append(o.doc, '"'), name...), `":`...)
}

func (o *written) text(name, value string) {
	o.name(name)
	o.doc = quoted(o.doc, value)
}

func (o *written) textOrNone(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

func (o *written) whole(name string, value int64) {
	o.name(name)
	o.doc = strconv.AppendInt(o.doc, value, 10)
}

func (o *written) wholeOrNone(name string, value int64) {
	if value != 0 {
		o.whole(name, value)
	}
}

// flag writes only what is set.
func (o *written) flag(name string, value bool) {
	if value {
		o.name(name)
		o.doc = append(o.doc, "true"...)
	}
}

func (o *written) time(name string, value time.Time) {
	o.name(name)
	o.doc = append(value.AppendFormat(append(o.doc, '"'), time.RFC3339Nano), '"')
}

func (o *written) timeOrNone(name string, value time.Time) {
	if !value.IsZero() {
		o.time(name, value)
	}
}

// other writes what is rare.
func (o *written) other(name string, value any) {
	raw, err := json.Marshal(value)
	if err != nil { // texts, times and finite numbers
		panic(err)
	}
	o.name(name)
	o.doc = append(o.doc, raw...)
}

func listOrNone[T any](o *written, name string, list []T, document func(T, *written)) {
	if len(list) == 0 {
		return
	}
	o.name(name)
	for i, item := range list {
		o.doc = append(o.doc, "[,"[min(i, 1)], '{')
		document(item, o)
		o.doc = append(o.doc, '}')
	}
	o.doc = append(o.doc, ']')
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
