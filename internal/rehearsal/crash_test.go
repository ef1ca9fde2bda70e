package rehearsal

import (
	"context"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/release"
)

// at returns a plan's disturbance that hits exactly the n-th attempt of a call of the account.
func at(n int, bad door.Disturbance) func(uint64) door.Disturb {
	return func(uint64) door.Disturb {
		count := 0
		return func(string) door.Disturbance {
			if count++; count == n {
				return bad
			}
			return door.Disturbance{}
		}
	}
}

var noAnswer = &smithy.GenericAPIError{Code: "RequestTimeout", Message: "no answer", Fault: smithy.FaultServer}

// A crash, an answer that is lost or an effect that lands late, at every single call of a release: it still ends as it
// should, nothing is left over, and the lock is free.
func TestOneThingGoesWrongAtEachCall(t *testing.T) {
	for _, example := range []string{"orders-worker", "orders-api"} {
		t.Run(example, func(t *testing.T) { oneThing(t, example) })
	}
}

func oneThing(t *testing.T, example string) {
	stride := 1
	if testing.Short() {
		stride = 25
	}
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		for name, bad := range map[string]door.Disturbance{
			"crash before": {Crash: door.CrashBefore},
			"crash after":  {Crash: door.CrashAfter},
			"no answer":    {After: noAnswer},
			"late effect":  {After: noAnswer, Late: 19 * time.Second},
		} {
			t.Run(file+" "+name, func(t *testing.T) {
				t.Parallel()
				p := planOf(t, example, file, nil)
				_, undisturbed := rehearsed(t, p, 1)
				for n := 1; n <= undisturbed.Calls; n += stride {
					p.Disturb = at(n, bad)
					result, err := p.One(context.Background(), 1)
					if err != nil {
						t.Fatal(err)
					}
					if len(result.Violations) > 0 || result.Outcome == release.OutcomeDirty || file == "bad.yaml" && result.Outcome != release.OutcomeRolledBack {
						t.Errorf("call %d: %s %v", n, result.Outcome, result.Violations)
					}
				}
			})
		}
	}
}
