package rehearsal

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/operate"
	"github.com/serin-aws/serin/internal/release"
)

const (
	anna = "arn:aws:sts::123456789012:assumed-role/Developer/anna"
	ben  = "arn:aws:sts::123456789012:assumed-role/Developer/ben"
)

// A start by the runbook is a release in the person's name. Somebody who may start executions past it cannot start another
// in that name: neither the same once more, nor another under the runbook's execution, nor one of his own making.
func TestWhoStartsARelease(t *testing.T) {
	run, last := released(t, nil)
	a := run.account
	var answer operate.Answer
	a.give(operate.Input{Verb: release.OrderStart, Who: anna, Target: "orders-worker", Undo: last.ID, Why: "slow", ID: "undo"}, func(result asl.Result) {
		if err := json.Unmarshal(result.Output, &answer); err != nil {
			t.Errorf("%v: %s", err, result.Cause)
		}
	})
	run.swept(2 * time.Hour)
	r, err := run.ledger.Load(t.Context(), answer.Release)
	if err != nil || r.Phase != release.Released || r.Request.StartedBy != anna || r.Request.Runbook == "" || r.Request.ByHand() || answer.StartedBy != anna {
		t.Fatalf("%v: %+v", err, r)
	}
	input := string(a.execution(answer.Execution).input)
	until := 2 * time.Hour
	for name, forged := range map[string]string{
		"once-more":           input,
		"by-another":          strings.Replace(input, anna, ben, 1),
		"another-runbook":     strings.Replace(input, r.Request.Runbook, "01234567-89ab-cdef-0123-456789abcdef", 1),
		"something-else":      strings.Replace(input, `"slow"`, `"fast"`, 1),
		"orders-worker-other": input,
	} {
		if name != "once-more" && name != "orders-worker-other" && forged == input {
			t.Fatalf("%s forges nothing in %s", name, input)
		}
		e := a.start(name, []byte(forged))
		until += time.Hour
		run.swept(until)
		entry, err := run.ledger.NotOpened(t.Context(), release.NewID("orders-worker", e.arn))
		if err != nil || entry.Outcome != release.OutcomeRefused || e.end.State != "Refused" {
			t.Errorf("%s: %+v, %v", name, e.end, err)
		}
	}
}
