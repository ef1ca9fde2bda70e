package ledger

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/release"
)

// item is one item of the table, as the SDK has it.
type item map[string]types.AttributeValue

// The attributes. What people want to see in the console stands beside the document, but only the document, the
// version and the keys are ever read back.
const (
	attrPK      = "pk"
	attrSK      = "sk"
	attrDoc     = "doc"     // JSON
	attrVersion = "version" // of states and locks: what their conditional writes compare
	attrWrite   = "write"   // of states: the token of the transaction that wrote this version
	attrOpen    = "open"    // hash key of the sparse index
	attrPhase   = "phase"
	attrTarget  = "target"
	attrSeq     = "seq"
	attrKind    = "kind"
	attrTTL     = "ttl" // epoch seconds
	attrHolder  = "holder"
	attrLast    = "last"
	attrSince   = "since"
)

const (
	indexOpen = "open"
	valueOpen = "open" // a release that holds its locks: it is not over, or Dirty
	valueLeft = "left" // one that is over and left something
	valueLine = "line" // a line in which somebody waits

	pkRelease   = "release#"
	pkLock      = "lock#"
	pkExecution = "execution#"
	pkTarget    = "target#"

	skState    = "release"  // one query from here ...
	skSnapshot = "snapshot" // ... to here reads a release, and no event
	skEvent    = "event#"
	skLock     = "lock"
	skDirty    = "dirty"

	skNotOpened = "declined" // of a release that was never opened
	skLine      = "line"     // of a target, and so are these:
	skOverrides = "overrides"
	skOpened    = "release#"
	skDeclined  = "declined#"
	skTrial     = "revision#"
)

// DeclinedTTL is how long a request that opened no release is remembered.
const DeclinedTTL = 90 * 24 * time.Hour

// LookTTL is how long a look stays in the story.
const LookTTL = 30 * 24 * time.Hour

// maxItem is the most an item may hold. AWS refuses more than 400 KB, without saying what is large.
const maxItem = 350 << 10

func releaseKey(id release.ID) string { return pkRelease + string(id) }

func targetKey(name release.TargetName) string { return pkTarget + string(name) }

func eventKey(seq int64) string {
	digits := strconv.FormatInt(seq, 10)
	return skEvent + "0000000000"[:max(0, 10-len(digits))] + digits
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func (it item) text(name string) string {
	if value, ok := it[name].(*types.AttributeValueMemberS); ok {
		return value.Value
	}
	return ""
}

// version returns what a conditional write compares.
func (it item) version() (int64, bool) {
	value, ok := it[attrVersion].(*types.AttributeValueMemberN)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(value.Value, 10, 64)
	return n, err == nil
}

// stateItem is the state of a release; its write token is added when the transaction is complete.
func stateItem(r *release.Release, s *release.State) (item, error) {
	doc, err := document("the state of release "+string(r.ID), s)
	if err != nil {
		return nil, err
	}
	it := make(item, 9)
	it[attrPK], it[attrSK], it[attrDoc], it[attrVersion] = text(releaseKey(r.ID)), text(skState), text(doc), number(s.Version)
	it[attrPhase], it[attrTarget], it[attrSeq] = text(string(s.Phase)), text(string(r.Target.Name)), number(s.Seq)
	switch {
	case s.Leaves():
		it[attrOpen] = text(valueLeft)
	case s.Phase.HoldsLock():
		it[attrOpen] = text(valueOpen)
	}
	return it, nil
}

func snapshotItem(s release.Snapshot) (item, error) {
	doc, err := document("the snapshot of release "+string(s.ID), s)
	if err != nil {
		return nil, err
	}
	return item{attrPK: text(releaseKey(s.ID)), attrSK: text(skSnapshot), attrDoc: text(doc), attrTarget: text(string(s.Target.Name))}, nil
}

func eventItem(id release.ID, l line) (item, error) {
	if err := fits("event "+strconv.FormatInt(l.event.Seq, 10)+" of release "+string(id), l.doc); err != nil {
		return nil, err
	}
	it := item{attrPK: text(releaseKey(id)), attrSK: text(eventKey(l.event.Seq)), attrDoc: text(l.doc), attrKind: text(string(l.event.Kind))}
	if !l.event.Kind.Durable() {
		it[attrTTL] = number(l.event.At.Add(LookTTL).Unix())
	}
	return it, nil
}

func lockItem(lock Lock) item {
	return item{
		attrPK: text(pkLock + string(lock.Resource)), attrSK: text(skLock), attrVersion: number(lock.Version),
		attrHolder: text(string(lock.Holder)), attrLast: text(string(lock.Last)), attrTarget: text(string(lock.Target)),
		attrSince: text(lock.Since.UTC().Format(time.RFC3339Nano)),
	}
}

// document writes a value as JSON that the table can hold.
func document(what string, value any) (string, error) {
	var doc strings.Builder
	if err := json.NewEncoder(&doc).Encode(value); err != nil {
		return "", release.Errorf(release.Unexpected, "write "+what, "it cannot be written as JSON: %w", err)
	}
	text := strings.TrimSuffix(doc.String(), "\n") // the encoder's, behind each value
	if !utf8.ValidString(text) {
		return "", release.Errorf(release.Invalid, "write "+what, "it holds text that is not UTF-8, which DynamoDB does not accept")
	}
	return text, fits(what, text)
}

// fits answers an error that names the largest field of a document that is too large.
func fits(what, doc string) error {
	if len(doc) <= maxItem {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &fields); err != nil {
		return release.Errorf(release.Unexpected, "write "+what, "it takes %d KB, at most %d KB fit, and it cannot be read back: %w", len(doc)>>10, maxItem>>10, err)
	}
	var largest string
	for name, value := range fields {
		if len(value) > len(fields[largest]) || len(value) == len(fields[largest]) && name < largest {
			largest = name
		}
	}
	return release.Errorf(release.Invalid, "write "+what, "it takes %d KB and at most %d KB fit; %q alone takes %d KB and must become shorter",
		len(doc)>>10, maxItem>>10, largest, len(fields[largest])>>10)
}
