package rehearsal

import (
	"context"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/rehearsal/faults"
)

// Seeds that once broke an invariant, each with what was mended.
func TestSeedsThatOnceBroke(t *testing.T) {
	for _, c := range []struct {
		mended, target, file string
		rate                 float64
		seed                 uint64
		pushes               int
		deletes              bool // deletions were drawn when it broke
	}{
		{"a sweep that began at the last moment was taken for a release that goes on", "target.yaml", "bad.yaml", 0.05, 7000887, 0, false},
		{"the same", "target.yaml", "good.yaml", 0.05, 7000887, 0, false},
		{"a redriven recovery that cleaned up under retaken locks was taken for one without", "target-one-step.yaml", "quiet.yaml", 0.05, 884, 0, false},
		{"what a release had registered twice stayed where its end had not seen what served", "target-one-step.yaml", "crash-loop.yaml", 0.05, 1126, 0, false},
		{"a cleanup after the end that was stopped at the last moment was taken for a release that goes on", "target-ec2-mirror.yaml", "bad.yaml", 0.05, 4497, 0, false},
		{"an execution that was redriven after a person had started one counted as a recovery", "target-lambda-alias.yaml", "bad.yaml", 0.05, 40051217, 0, false},
		{"a late call of the recovery that had ended the release took the locks to clean up, and died with them", "target-one-step.yaml", "good.yaml", 0.05, 469675, 0, false},
		{"a baseline that nobody had tried to bring back for ten minutes was given up at the first look", "target-one-step.yaml", "crash-loop.yaml", 0.05, 476209, 0, false},
		{"a baseline was given up after three tries within three minutes, half an hour into a rollback in which nobody had tried before", "target-ecs-alb.yaml", "good.yaml", 0.05, 977506, 0, false},
		{"nobody was called where the function that gave up died right after it had written so, and then the execution was stopped", "target-lambda-image.yaml", "bad.yaml", 0.05, 1131728, 0, true},
		{"a release that was given up for its temporary stack was held to have known that the live one was deleted", "target-ec2-mirror.yaml", "crash-loop.yaml", 0.01, 1273901, 0, true},
		{"a recovery that owned the release just before a person's execution did counted after it", "target-ecs-alb.yaml", "crash-loop.yaml", 0.05, 1274215, 0, true},
		{"a start that failed for good in a storm was written down nowhere", "target.yaml", "good.yaml", 0.01, 28, 4, false},
	} {
		p := shortOf(t, c.target, c.file)
		p.Pushes = c.pushes
		rates := faults.Usual(c.rate)
		if !c.deletes {
			rates.Deletion = 0
		}
		p.Disturb(rates, nil)
		result, err := p.One(context.Background(), c.seed)
		if err != nil || len(result.Violations) > 0 {
			t.Errorf("seed %d of %s (%s): %v %v", c.seed, c.file, c.mended, result.Violations, err)
		}
	}
}

// The sweep never rests. One that begins just when the account is looked at for the last time is no release that goes on.
func TestASweepAtTheLastMomentIsNoOpenRelease(t *testing.T) {
	p := short(t, "bad.yaml")
	p.Faults = only()
	run, err := p.Start(1, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer run.Close()
	run.Advance(3 * time.Hour)
	run.account.loop.At(run.Now().Add(calm), run.account.sweep)
	run.Finish()
	if result, err := run.Outcome(context.Background()); err != nil || len(result.Violations) > 0 {
		t.Errorf("%v %v", result.Violations, err)
	}
}

// Whoever looks on in small steps, as the live view does, sees the story of whoever runs to the end at once.
func TestLookingOnChangesNothing(t *testing.T) {
	p := short(t, "bad.yaml")
	p.Disturb(faults.Usual(0.05), nil)
	for _, seed := range []uint64{1, 7000887} {
		var traces [2]string
		for i := range traces {
			run, err := p.Start(seed, true, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i == 1 && !run.Over() {
				run.Advance(250 * time.Millisecond)
			}
			run.Finish()
			traces[i] = run.Now().String() + string(run.Trace())
			run.Close()
		}
		if traces[0] != traces[1] {
			t.Errorf("seed %d: two stories", seed)
		}
	}
}
