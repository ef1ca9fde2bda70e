//go:build interpreters

package interpreters

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/asl"
)

var (
	awsLocalScripts = flag.Int("awslocal", 5000, "random scripts for aws-local-stepfunctions")
	motoScripts     = flag.Int("moto", 500, "random scripts for moto")
)

// The definition takes the same paths there as here.
func TestSamePaths(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		interpreter
		count int
	}{{awsLocal(t), *awsLocalScripts}, {moto(t), *motoScripts}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := test.planned(t, committed(t), test.count)
			traces := test.run(t, test.adapt(committed(t)), p.scripts)
			differences := p.differences(test.interpreter, traces)
			calls, ends := 0, map[string]int{}
			for _, want := range p.want {
				calls += len(want.Calls)
				ends[want.Path[len(want.Path)-1]]++
			}
			t.Logf("%s: %d scripts (%d of them random), %d calls, %d differences; ends: %v",
				test.name, len(traces), test.count, calls, len(differences), ends)
			if len(differences) > 0 {
				keep(t, test.name, map[string]any{"differences": differences, "scripts": p.scripts, "want": p.want, "got": traces})
				t.Errorf("%d scripts differ; all of it is in %s; the first:\n%s", len(differences), failures,
					strings.Join(differences[:min(5, len(differences))], "\n"))
			}
		})
	}
}

// asl-validator passes the definition, and does not pass everything.
func TestValidator(t *testing.T) {
	t.Parallel()
	in := awsLocal(t)
	in.run(t, in.adapt(committed(t)), nil)
	dangling := in.adapt(committed(t))
	dangling.state("WaitForCanary")["Next"] = "Nowhere"
	if _, err := in.shard(t, dangling, nil); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("a state that leads nowhere passes: %v", err)
	}
}

// A planted bug is seen: whatever Catch or Retry a state loses, some path test of that state differs.
func TestLostCatchOrRetryIsSeen(t *testing.T) {
	t.Parallel()
	in := awsLocal(t)
	p := in.planned(t, committed(t), 0)
	for _, field := range []string{"Catch", "Retry"} {
		names := committed(t).names(field)
		slices.Sort(names)
		for _, name := range names {
			t.Run(field+" of "+name, func(t *testing.T) {
				if field == "Catch" && len(committed(t).state(name)[field].([]any)) == 0 {
					t.Fatal("there is nothing to lose")
				}
				wrong := in.adapt(committed(t))
				delete(wrong.state(name), field)
				p := p.of(name)
				if !functionState(name) { // what comes behind MarkDirty is called by few path tests
					p = in.dirty(t)
				}
				if len(p.differences(in, in.run(t, wrong, p.scripts))) == 0 {
					t.Errorf("%d scripts did not notice", len(p.scripts))
				}
			})
		}
	}
}

func functionState(name string) bool { return usual[name] != nil }

// of returns the path tests of one state.
func (p *plan) of(state string) *plan {
	part := &plan{player: p.player}
	for i, s := range p.scripts {
		if strings.Contains(s.ID, "-"+state+"-") {
			part.scripts, part.want = append(part.scripts, s), append(part.want, p.want[i])
		}
	}
	return part
}

// dirty plans scripts in which every call on the way to Dirty fails in turn.
func (in interpreter) dirty(t *testing.T) *plan {
	t.Helper()
	p := in.empty(t, committed(t))
	for _, state := range []string{"MarkDirty", "CountDirty", "CallPerson"} {
		for _, times := range []int{1, 40} {
			left := times
			p.add(newScript("dirty-"+state+"-"+string(rune('0'+times%10)), inputs[5]), func(step asl.Invoke) answer {
				switch {
				case step.State == "Rollback":
					return in.failing("LedgerCorrupt")
				case step.State == state && left > 0:
					left--
					return in.failing("Broken")
				}
				return brought(step)
			})
		}
	}
	return p
}

// moto honours the time-outs of tasks and of the machine, and StopExecution, in real time. The definition's time-outs
// are shortened for the tests of time-outs; the rest of the definition is as committed. Executions are stopped while
// they wait: in the middle of a call, moto notices only when the call is over. The time-outs are long enough for what
// does not hang, on a busy machine too.
func TestTimeoutsAndStop(t *testing.T) {
	t.Parallel()
	in := moto(t)
	in.timeoutCause, in.shards = "", 1
	hang, corrupt := answer{Hang: true}, in.failing("LedgerCorrupt")
	stopped := func(state string) *stop { return &stop{In: state} } // moto drops StopExecution's error and cause
	type test struct {
		id, input string
		answers   []answer
		stop      *stop
		want      asl.Status
	}
	for name, group := range map[string]struct {
		taskSeconds, machineSeconds float64 // 0: as committed
		tests                       []test
	}{
		"tasks": {3, 0, []test{
			{"once", inputs[1], []answer{hang}, nil, asl.Succeeded},
			{"again-and-again", inputs[1], []answer{hang, hang, hang, hang, hang}, nil, asl.Failed},
			{"rollback", inputs[5], []answer{hang, hang}, nil, asl.Failed},
			{"the-way-to-dirty", inputs[5], []answer{corrupt, hang}, nil, asl.Failed},
		}},
		"machine": {0, 10, []test{{"timed-out", inputs[1], []answer{saying("wait", 30, "")}, nil, asl.TimedOut}}},
		"stop": {0, 0, []test{
			{"at-the-start", inputs[1], []answer{saying("wait", 30, "")}, stopped("WaitForCanary"), asl.Aborted},
			{"while-it-waits", inputs[1], []answer{saying("check", 0, ""), saying("wait", 30, "")}, stopped("Bake"), asl.Aborted},
			{"in-the-rollback", inputs[5], []answer{saying("wait", 30, "")}, stopped("WaitForRollback"), asl.Aborted},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := committed(t).within(group.taskSeconds, group.machineSeconds)
			p := in.empty(t, d)
			for _, test := range group.tests {
				s := newScript(test.id, test.input)
				s.Stop, s.Real = test.stop, name != "tasks"
				p.add(s, listed(test.answers))
				if got := p.want[len(p.want)-1].Status; got != test.want {
					t.Fatalf("%s: internal/asl ends %s, want %s", test.id, got, test.want)
				}
			}
			for _, difference := range p.differences(in, in.run(t, d, p.scripts)) {
				t.Error(difference)
			}
		})
	}
}
