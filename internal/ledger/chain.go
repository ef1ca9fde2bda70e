package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/serin-aws/serin/internal/release"
)

// line is an event in its place in the story, with its document.
type line struct {
	event release.Event
	doc   string
}

// advance returns the state as the next write makes it, and the lines that the write appends to the story. The
// release itself is not touched: whether the write takes effect is not known yet.
func advance(r *release.Release, events []release.Event, now time.Time) (release.State, []line, error) {
	next := r.State
	own(&next)
	inUTC(&next)
	next.Version++
	lines := make([]line, len(events))
	for i, event := range events {
		linked, err := link(event, &next, now)
		if err != nil {
			return next, nil, err
		}
		if event.Kind.Durable() {
			next.Hash = linked.event.Hash
		}
		next.Seq = linked.event.Seq
		lines[i] = linked
	}
	return next, lines, nil
}

// link makes an event the line after the given state. What its maker left empty is taken from there.
func link(event release.Event, after *release.State, now time.Time) (line, error) {
	if event.Kind == "" {
		return line{}, release.Errorf(release.Unexpected, "record an event", "it has no kind; its text is %q", event.Text)
	}
	if event.Phase == "" {
		event.Phase, event.Step, event.Epoch = after.Phase, after.Step, after.Epoch
	}
	if event.At.IsZero() {
		event.At = now
	}
	event.At = event.At.Round(0).UTC()
	if !utf8.ValidString(event.Text) {
		event.Text = strings.ToValidUTF8(event.Text, "?")
	}
	if !utf8.Valid(event.Data) {
		event.Data = bytes.ToValidUTF8(event.Data, []byte("?"))
	}
	event.Seq, event.Prev = after.Seq+1, after.Hash
	return seal(event)
}

// seal hashes an event. Its hash is the last field of its document and empty in what is hashed, so one document serves
// for both: the hash is that of Event.Sum.
func seal(event release.Event) (line, error) {
	event.Hash = ""
	if len(event.Data) > 0 {
		event.Data = bytes.TrimSpace(event.Data)
		if data := jsontext.Value(event.Data); !data.IsValid(ours()) {
			return line{}, release.Errorf(release.Unexpected, fmt.Sprintf("record an event of kind %s", event.Kind), "its data is not JSON")
		}
	}
	unsealed := event.Document()
	sum := sha256.Sum256(unsealed)
	event.Hash = hex.EncodeToString(sum[:])
	const end = `"}`
	return line{event: event, doc: string(append(append(unsealed[:len(unsealed)-len(end)], event.Hash...), end...))}, nil
}

// inUTC lets a state say every time in UTC.
func inUTC(s *release.State) {
	for _, t := range []*time.Time{&s.Since, &s.CanarySince, &s.BakeSince, &s.PausedSince, &s.AskedSince, &s.RecoveryAt, &s.CleanupDue, &s.Decision.At, &s.Served.At} {
		*t = t.UTC()
	}
	for i := range s.Shares {
		s.Shares[i].At = s.Shares[i].At.UTC()
	}
	for i := range s.Stopped {
		s.Stopped[i].At = s.Stopped[i].At.UTC()
	}
	for i := range s.Orders {
		s.Orders[i].At = s.Orders[i].At.UTC()
	}
	for i := range s.Leases {
		s.Leases[i].Until = s.Leases[i].Until.UTC()
	}
	if s.Hooks != nil {
		for i := range s.Hooks.Calls {
			call := &s.Hooks.Calls[i]
			call.Since, call.Due = call.Since.UTC(), call.Due.UTC()
		}
	}
}

// snapshotInUTC returns a copy of the snapshot with every time in UTC.
func snapshotInUTC(s release.Snapshot) release.Snapshot {
	s.Opened, s.Pushed = s.Opened.Round(0).UTC(), s.Pushed.UTC()
	s.Overrides = slices.Clone(s.Overrides)
	for i := range s.Overrides {
		s.Overrides[i] = overrideInUTC(s.Overrides[i])
	}
	s.Reference.Latency = slices.Clone(s.Reference.Latency)
	for i := range s.Reference.Latency {
		t := &s.Reference.Latency[i]
		t.From, t.To = t.From.UTC(), t.To.UTC()
	}
	return s
}

func overrideInUTC(o release.Override) release.Override {
	o.At, o.Until = o.At.Round(0).UTC(), o.Until.Round(0).UTC()
	return o
}
