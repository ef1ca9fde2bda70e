package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/ledger"
	"github.com/serin-aws/serin/internal/ledger/ledgertest"
	"github.com/serin-aws/serin/internal/rehearsal/dynamodb"
	"github.com/serin-aws/serin/internal/release"
)

func TestWhatAnswersMean(t *testing.T) {
	api := func(code string, fault smithy.ErrorFault) error {
		return &smithy.GenericAPIError{Code: code, Message: "m", Fault: fault}
	}
	for name, c := range map[string]struct {
		answer error
		code   release.Code
		says   string
	}{
		"throttled":                  {&types.ThrottlingException{}, release.Throttled, "ThrottlingException"},
		"throughput":                 {&types.ProvisionedThroughputExceededException{}, release.Throttled, "Provisioned"},
		"throttled in a transaction": {dynamodb.Canceled("None", "ThrottlingError"), release.Throttled, "ThrottlingError"},
		"in flight elsewhere":        {dynamodb.Canceled("TransactionConflict", "None"), release.Conflict, "TransactionConflict"},
		"condition":                  {dynamodb.Canceled("None", "ConditionalCheckFailed"), release.Conflict, ""},
		"condition and conflict":     {dynamodb.Canceled("TransactionConflict", "ConditionalCheckFailed"), release.Conflict, ""},
		"canceled for its content":   {dynamodb.Canceled("ValidationError"), release.Unexpected, "ValidationError"},
		"server error":               {&types.InternalServerError{}, release.Unavailable, "InternalServerError"},
		"no answer":                  {errReset, release.Unavailable, "connection reset"},
		"out of time":                {context.DeadlineExceeded, release.Unavailable, "deadline"},
		"denied":                     {api("AccessDeniedException", smithy.FaultClient), release.Denied, "AccessDenied"},
		"no table":                   {&types.ResourceNotFoundException{}, release.Unexpected, "does not exist"},
		"not understood":             {api("ValidationException", smithy.FaultClient), release.Invalid, "ValidationException"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := b.open()
			before := *r
			b.client.transact = func(*sdk.TransactWriteItemsInput) error { return c.answer }
			wantError(t, b.ledger.Save(t.Context(), r, release.Event{Kind: release.EventProgress}), c.code, "save release "+string(r.ID), c.says)
			if !reflect.DeepEqual(before, *r) {
				t.Error("a failed save has changed the release")
			}
			other := ledgertest.Sample("parcels", "b", start)
			_, err := b.ledger.Open(t.Context(), other, release.Event{})
			wantError(t, err, c.code, "open release "+string(other.ID), c.says)
		})
	}
}

func TestReadsTellWhatFailed(t *testing.T) {
	b := newBench(t)
	b.client.get = &types.ThrottlingException{Message: aws.String("slow down")}
	_, err := b.ledger.Lock(t.Context(), "arn:x")
	wantError(t, err, release.Throttled, "read the lock of arn:x", "slow down")
	_, err = b.ledger.Marked(t.Context(), "arn:execution")
	wantError(t, err, release.Throttled, "arn:execution")
	other := ledger.New(b.client.Outside, "missing", func() time.Time { return start })
	for _, read := range []func() error{
		func() error { _, err := other.Load(t.Context(), "r-1"); return err },
		func() error { _, err := other.Events(t.Context(), "r-1"); return err },
		func() error { _, err := other.Opened(t.Context()); return err },
	} {
		wantError(t, read(), release.Unexpected, "missing", "does not exist", "deployed")
	}
}

// A lost answer is not a lost write: the write is found again by its token.
func TestALostAnswerIsRecognised(t *testing.T) {
	for name, lost := range map[string]error{"reset": errReset, "server error": errServer, "out of time": context.DeadlineExceeded} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.client.lost = lost
			r := b.open()
			r.Phase = release.Shifting
			if err := b.ledger.Save(t.Context(), r, release.Event{Kind: release.EventPhase}); err != nil || r.Version != 2 || r.Seq != 2 {
				t.Errorf("Save: %v, version %d, seq %d", err, r.Version, r.Seq)
			}
			b.client.get = errReset
			before := *r
			wantError(t, b.ledger.Save(t.Context(), r), release.Unavailable)
			if !reflect.DeepEqual(before, *r) {
				t.Error("a save that may have taken effect has changed the release")
			}
			b.client.get = nil
			if err := b.ledger.Save(t.Context(), r); err != nil || r.Version != 3 {
				t.Errorf("the same save again: %v, version %d", err, r.Version)
			}
			r.Step = 1
			behind := before
			behind.Step = 2
			wantError(t, b.ledger.Save(t.Context(), &behind), release.Conflict, "version 2 was expected and version 3 is there")
		})
	}
}

// Two invocations that want the very same write are not each other.
func TestADuplicatesWriteIsNotOnesOwn(t *testing.T) {
	b := newBench(t)
	r := b.open()
	twin := *r
	as := func(id string) *ledger.Ledger { return b.ledger.By(func(context.Context) string { return id }) }
	if err := as("one").Save(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	wantError(t, as("two").Save(t.Context(), &twin), release.Conflict)
	if err := as("one").Save(t.Context(), &twin); err != nil {
		t.Errorf("one's own write again: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*release.Release)
		code   release.Code
		says   string
	}{
		"no id":        {func(r *release.Release) { r.ID = "" }, release.Unexpected, "no id"},
		"no schema":    {func(r *release.Release) { r.Schema = 0 }, release.Unexpected, "schema is 0"},
		"no resources": {func(r *release.Release) { r.Resources = nil }, release.Unexpected, "no resource"},
		"41 resources": {func(r *release.Release) {
			r.Resources = nil
			for i := range 41 {
				r.Resources = append(r.Resources, release.Resource(fmt.Sprint("arn:", i)))
			}
		}, release.Invalid, "41 resources and at most 40"},
		"a baseline that does not fit": {func(r *release.Release) {
			r.Baseline.Detail = json.RawMessage(`"` + strings.Repeat("x", 360<<10) + `"`)
		}, release.Invalid, `"baseline" alone takes 360 KB`},
		"a baseline that is not JSON":  {func(r *release.Release) { r.Baseline.Detail = json.RawMessage(`{`) }, release.Unexpected, "JSON"},
		"a baseline that is not UTF-8": {func(r *release.Release) { r.Baseline.Detail = json.RawMessage("\"\xff\"") }, release.Invalid, "UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := ledgertest.Sample("orders", "a", start)
			c.change(&r)
			_, err := b.ledger.Open(t.Context(), r, release.Event{})
			wantError(t, err, c.code, "release "+string(r.ID), c.says)
			if len(b.client.written) != 0 {
				t.Error("it has written nevertheless")
			}
		})
	}
}

func TestFortyResourcesAreLockedAndFreedTogether(t *testing.T) {
	b := newBench(t)
	r := ledgertest.Sample("orders", "a", start)
	r.Resources = nil
	for i := range 40 {
		r.Resources = append(r.Resources, release.Resource(fmt.Sprint("arn:", i)), release.Resource(fmt.Sprint("arn:", i)))
	}
	opened, err := b.ledger.Open(t.Context(), r, release.Event{})
	if err != nil {
		t.Fatal(err)
	}
	opened.Phase = release.Released
	if err := b.ledger.Finish(t.Context(), opened, release.Event{Kind: release.EventFinished}); err != nil {
		t.Fatal(err)
	}
	if lock, err := b.ledger.Lock(t.Context(), "arn:7"); err != nil || lock.Holder != "" || lock.Last != r.ID || lock.Version != 2 || lock.Target != "orders" || lock.Since.Before(start) {
		t.Errorf("%+v, %v", lock, err)
	}
	many := make([]release.Event, 100)
	for i := range many {
		many[i].Kind = release.EventProgress
	}
	wantError(t, b.ledger.Save(t.Context(), opened, many...), release.Unexpected, "100 events")
}

// What somebody has repaired by hand is not broken again.
func TestFinishFreesOnlyWhatIsItsOwn(t *testing.T) {
	b := newBench(t)
	r := b.open()
	b.put("lock#"+string(r.Resources[0]), "lock", map[string]types.AttributeValue{
		"holder": text("r-other"), "version": num(9), "since": text(start.Format(time.RFC3339)),
	})
	r.Phase = release.RolledBack
	if err := b.ledger.Finish(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for i, want := range []release.ID{"r-other", "", ""} {
		if lock, err := b.ledger.Lock(t.Context(), r.Resources[i]); err != nil || lock.Holder != want {
			t.Errorf("%s: %+v, %v", r.Resources[i], lock, err)
		}
	}
}

func TestMarkedNeedsNoExecution(t *testing.T) {
	b := newBench(t)
	b.client.get = errors.New("must not be asked")
	if marked, err := b.ledger.Marked(t.Context(), ""); marked || err != nil {
		t.Errorf("%v, %v", marked, err)
	}
}

func TestHeldSpeaks(t *testing.T) {
	held := &ledger.Held{Resource: "arn:x", Holder: "r-1"}
	if resource, holder := held.HeldBy(); resource != "arn:x" || holder != "r-1" || !strings.Contains(held.Error(), "arn:x is locked by release r-1") {
		t.Errorf("%v", held)
	}
}
