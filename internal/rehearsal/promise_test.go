package rehearsal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/rehearsal/world"
	"github.com/serin-aws/serin/internal/rehearsal/world/ecsqueue"
	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/report"
	"github.com/serin-aws/serin/internal/scenario"
	"github.com/serin-aws/serin/internal/story"
)

// rehearsed runs a plan to its end and fails the test on any broken invariant.
func rehearsed(t *testing.T, p *Plan, seed uint64) (*Run, story.Run) {
	t.Helper()
	run, err := p.Start(seed, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	run.Finish()
	result, err := run.Outcome(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, violation := range result.Violations {
		t.Errorf("seed %d: %s", seed, violation)
	}
	return run, result
}

// queue is the world of a run.
func queue(run *Run) *ecsqueue.World { return run.account.world.(*ecsqueue.World) }

func TestABadReleaseNeverChangesThePrimary(t *testing.T) {
	for _, file := range []string{"bad.yaml", "crash-loop.yaml"} {
		run, err := plan(t, file, nil).Start(3, false, nil)
		if err != nil {
			t.Fatal(err)
		}
		primary := func() string {
			for _, state := range queue(run).ECS.Snapshot() {
				if state.Service == run.plan.Target.ECSQueue.PrimaryService {
					text := fmt.Sprint(state.TaskDefinition, state.Deploying)
					for _, running := range state.Running { // how many is auto scaling's to say
						text += fmt.Sprint(running.TaskDefinition, running.Images)
					}
					return text
				}
			}
			return "none"
		}
		before := primary()
		for !run.Over() {
			run.Advance(time.Second)
			if now := primary(); now != before {
				t.Fatalf("%s: the primary became %s; it was %s", file, now, before)
			}
		}
		result, err := run.Outcome(context.Background())
		if err != nil || result.Outcome != release.OutcomeRolledBack {
			t.Errorf("%s: %s, %v", file, result.Outcome, err)
		}
	}
}

func TestACrashLoopIsRolledBackLongBeforeTheBakeEnds(t *testing.T) {
	run, result := rehearsed(t, plan(t, "crash-loop.yaml", nil), 1)
	if result.Outcome != release.OutcomeRolledBack || run.execution.done.Sub(epoch) > 6*time.Minute {
		t.Errorf("%s after %s", result.Outcome, run.execution.done.Sub(epoch))
	}
	for _, breaker := range []bool{true, false} {
		_, result := rehearsed(t, plan(t, "crash-loop.yaml", func(target *release.Target, s *scenario.Scenario) {
			s.World.Services = map[string]scenario.Service{target.ECSQueue.CanaryService: {CircuitBreaker: &breaker}}
		}), 2)
		if result.Outcome != release.OutcomeRolledBack {
			t.Errorf("circuit breaker %t: %s", breaker, result.Outcome)
		}
	}
}

func TestAnEmptyQueueIsNeverPromoted(t *testing.T) {
	for name, change := range map[string]func(*release.Target, *scenario.Scenario){
		"comparison and alarms": nil,
		"alarms only":           func(target *release.Target, _ *scenario.Scenario) { target.Checks.Compare = nil },
		"policy promote": func(target *release.Target, _ *scenario.Scenario) {
			target.Checks.Inconclusive = release.InconclusivePromote
		},
		"alarms only, policy promote": func(target *release.Target, _ *scenario.Scenario) {
			target.Checks.Compare, target.Checks.Inconclusive = nil, release.InconclusivePromote
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, result := rehearsed(t, plan(t, "quiet.yaml", change), 1); result.Outcome != release.OutcomeHeld {
				t.Errorf("%s, want held", result.Outcome)
			}
		})
	}
}

// The tag that the baseline was started from has moved: rolling back must start what ran, not what the tag means now.
func TestATagThatMovedDoesNotChangeWhatRollbackStarts(t *testing.T) {
	p := plan(t, "bad.yaml", func(target *release.Target, s *scenario.Scenario) {
		repository, ran := target.Source.ECR.Repository, release.Digest(ecr.Digest("what runs"))
		bad := release.Digest(ecr.Digest("the new version of " + string(target.Name)))
		latest := scenario.Service{Image: repository + ":latest", Digest: ran}
		s.World.Services = map[string]scenario.Service{target.ECSQueue.CanaryService: latest, target.ECSQueue.PrimaryService: latest}
		s.World.Registry = map[string]map[string]release.Digest{repository: {"latest": bad, "release-42": bad}}
	})
	run, result := rehearsed(t, p, 1)
	if result.Outcome != release.OutcomeRolledBack {
		t.Fatal(result.Outcome)
	}
	for _, arm := range run.account.world.Arms() {
		if arm.App[ecr.Digest("what runs")] != arm.Desired || arm.Desired == 0 {
			t.Errorf("%s runs %v of %d", arm.Service, arm.App, arm.Desired)
		}
	}
}

func TestPlantedSecretsAppearNowhere(t *testing.T) {
	ctx := context.Background()
	for _, file := range []string{"good.yaml", "bad.yaml", "crash-loop.yaml"} {
		var logs, page bytes.Buffer
		run, err := plan(t, file, nil).Start(1, true, &logs)
		if err != nil {
			t.Fatal(err)
		}
		run.Finish()
		told, err := run.Story(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := report.Write(&page, told); err != nil {
			t.Fatal(err)
		}
		places := map[string]string{"logs": logs.String(), "report": page.String(), "ledger": items(t, run), "story": fmt.Sprintf("%+v", told)}
		for i, message := range run.account.SNS.Messages() {
			places[fmt.Sprint("message ", i)] = message.Subject + message.Text
		}
		for place, text := range places {
			if len(text) < 50 {
				t.Errorf("%s: nothing was found to search in: %q", place, text)
			}
			for _, secret := range world.Secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s, %s: holds %q", file, place, secret)
				}
			}
		}
	}
}

// items returns every item of the release in the ledger as text.
func items(t *testing.T, run *Run) string {
	t.Helper()
	out, err := run.account.Table.Outside().Query(context.Background(), &dynamodb.QueryInput{
		TableName: aws.String(tableName), KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: map[string]ddbtypes.AttributeValue{
			":pk":   &ddbtypes.AttributeValueMemberS{Value: "release#" + string(run.id)},
			":from": &ddbtypes.AttributeValueMemberS{Value: "a"}, ":to": &ddbtypes.AttributeValueMemberS{Value: "z"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(out.Items)
	if err != nil || len(out.Items) < 5 {
		t.Fatalf("%d items, %v", len(out.Items), err)
	}
	return string(text)
}

func TestOneSeedOneStory(t *testing.T) {
	for _, file := range []string{"good.yaml", "bad.yaml", "crash-loop.yaml"} {
		p := plan(t, file, nil)
		first, _ := rehearsed(t, p, 11)
		second, _ := rehearsed(t, p, 11)
		other, _ := rehearsed(t, p, 12)
		if !bytes.Equal(first.Trace(), second.Trace()) {
			t.Errorf("%s: one seed gave two stories", file)
		}
		if bytes.Equal(first.Trace(), other.Trace()) {
			t.Errorf("%s: two seeds gave one story: the trace says nothing", file)
		}
	}
}

// The typed services are the fast way; real SDK clients in front of them must make no difference.
func TestThroughTheSDKTheTraceIsTheSame(t *testing.T) {
	seeds := uint64(200)
	if testing.Short() {
		seeds = 10
	}
	for _, file := range []string{"good.yaml", "bad.yaml"} {
		for seed := range seeds / 2 {
			sameThroughSDK(t, plan(t, file, nil), seed)
		}
	}
}

// sameThroughSDK rehearses a plan over the typed services and once more through the real SDK clients: both must make the
// same calls at the same times. It returns them.
func sameThroughSDK(t *testing.T, p *Plan, seed uint64) []byte {
	t.Helper()
	sdk := *p
	sdk.ThroughSDK = true
	var traces [2][]byte
	for i, over := range []*Plan{p, &sdk} {
		run, _ := rehearsed(t, over, seed)
		traces[i] = run.Trace()
		run.Close()
	}
	if len(traces[0]) == 0 || !bytes.Equal(traces[0], traces[1]) {
		t.Fatalf("%s, seed %d: the traces differ", p.Target.Name, seed)
	}
	return traces[0]
}

func TestTwoTenMinuteStepsCostAtMost150TransitionsBeforeSettling(t *testing.T) {
	for seed := range uint64(20) {
		run, result := rehearsed(t, plan(t, "good.yaml", nil), seed)
		before := 0
		for _, visit := range run.execution.visits {
			if visit.State == "Promote" {
				break
			}
			before++
		}
		if before > 150 || result.Outcome != release.OutcomeReleased {
			t.Errorf("seed %d: %d transitions before promotion, %s", seed, before, result.Outcome)
		}
	}
}

func TestPresets(t *testing.T) {
	for preset, steps := range map[string]int{"AllAtOnce": 0, "Canary10Percent5Minutes": 1, "Linear25PercentEvery5Minutes": 3} {
		for file, want := range map[string]release.Outcome{"good.yaml": release.OutcomeReleased, "bad.yaml": release.OutcomeRolledBack} {
			run, result := rehearsed(t, plan(t, file, func(target *release.Target, _ *scenario.Scenario) {
				target.Plan.Steps, target.Plan.Preset = nil, preset
			}), 1)
			baked := map[int]bool{}
			events, err := run.ledger.Events(context.Background(), run.id)
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range events {
				if event.Kind == release.EventPhase && event.Phase == release.Baking {
					baked[event.Step] = true
				}
			}
			if result.Outcome != want || want == release.OutcomeReleased && len(baked) != steps {
				t.Errorf("%s, %s: %s after %d steps; want %s after %d", preset, file, result.Outcome, len(baked), want, steps)
			}
		}
	}
}

// A real series, where it lies beside the repository. At scale 1 it carries a message in six seconds: too little to let
// a good version pass, and a version that fails 3 % of its messages is found in about every other release only. What
// holds for every seed is that it is not promoted; one that fails 10 % is always found.
func TestRealTraffic(t *testing.T) {
	trace, err := filepath.Abs("../../../shared/data/elb_request_count_8c0756.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(trace); err != nil {
		t.Skip("the series is not part of the repository")
	}
	const released, held, rolledBack = release.OutcomeReleased, release.OutcomeHeld, release.OutcomeRolledBack
	for _, c := range []struct {
		scale   int
		failing string
		ends    []release.Outcome
	}{
		{scale: 1, failing: "0.2%", ends: []release.Outcome{held}},
		{scale: 1, failing: "3%", ends: []release.Outcome{held, rolledBack}},
		{scale: 1, failing: "10%", ends: []release.Outcome{rolledBack}},
		{scale: 200, failing: "0.2%", ends: []release.Outcome{released}},
		{scale: 200, failing: "3%", ends: []release.Outcome{rolledBack}},
	} {
		t.Run(fmt.Sprintf("%s failing at scale %d", c.failing, c.scale), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "scenario.yaml")
			text := fmt.Sprintf("workload: {trace: %s, scale: %d}\nbaseline: {failureRate: 0.2%%}\ncanary: {failureRate: %s}\n",
				trace, c.scale, c.failing)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			p := plan(t, "good.yaml", func(_ *release.Target, s *scenario.Scenario) {
				*s, err = scenario.Open(path)
				if err != nil {
					t.Fatal(err)
				}
			})
			for seed := range uint64(10) {
				run, result := rehearsed(t, p, seed)
				if !slices.Contains(c.ends, result.Outcome) {
					told, err := run.Story(context.Background())
					t.Errorf("seed %d, want %s: %s %v", seed, c.ends, told.Sentence, err)
				}
			}
		})
	}
}
