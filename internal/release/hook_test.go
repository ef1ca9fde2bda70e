package release_test

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

func hooked(stages ...release.HookStage) *release.Release {
	r := &release.Release{
		Snapshot: release.Snapshot{
			ID: "r-0123456789ab", Revision: release.Revision{Version: "8"}, Baseline: release.Baseline{Serves: "version 7"},
			Resources: []release.Resource{"arn:aws:lambda:eu-central-1:123456789012:function:orders:live"},
			Steps:     []release.Step{{Weight: 10}, {Weight: 25}},
		},
		State: release.State{Executions: []release.ExecutionARN{"arn:aws:states:eu-central-1:123456789012:execution:serin:one"}},
	}
	r.Target.Name = "orders"
	r.Target.Hooks = []release.Hook{{
		Function: "arn:aws:lambda:eu-central-1:123456789012:function:smoke-test", Stages: stages,
		Details: map[string]string{"path": "/health", "bucket": "one"}, Timeout: release.Duration(time.Hour),
	}}
	return r
}

// What a hook reads of the event is what ECS' documentation shows, stage by stage; the rest stands under serin.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
func TestHookEvents(t *testing.T) {
	for stage, want := range map[release.HookStage]struct{ lifecycle, weights string }{
		release.BeforeTraffic:  {"PRE_PRODUCTION_TRAFFIC_SHIFT", `{"version 7":100,"version 8":0}`},
		release.AfterStep:      {"PRODUCTION_TRAFFIC_SHIFT", `{"version 7":75,"version 8":25}`},
		release.AfterPromotion: {"POST_PRODUCTION_TRAFFIC_SHIFT", `{"version 7":0,"version 8":100}`},
		release.AfterRollback:  {"PRODUCTION_TRAFFIC_SHIFT", `{"version 7":100,"version 8":0}`},
	} {
		r := hooked(stage)
		r.Step = 1
		call := r.HookRound(stage).Calls[0]
		call.Details = json.RawMessage(`{"bucket":"two","calls":3}`)
		raw, err := json.Marshal(r.HookEvent(call))
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			ExecutionID, LifecycleStage, ResourceARN string
			ExecutionDetails                         struct {
				ServiceARN, TargetServiceRevisionARN         string
				TestTrafficWeights, ProductionTrafficWeights json.RawMessage
			}
			HookDetails json.RawMessage
			Serin       struct {
				Stage, Baseline string
				Step            int
				Revision        struct{ Version string }
			}
		}
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		d := got.ExecutionDetails
		if got.LifecycleStage != want.lifecycle || string(d.ProductionTrafficWeights) != want.weights || string(d.TestTrafficWeights) != "{}" ||
			d.TargetServiceRevisionARN != "version 8" || d.ServiceARN != string(r.Resources[0]) || got.ResourceARN != string(r.Owner()) {
			t.Errorf("%s: %s", stage, raw)
		}
		if string(got.HookDetails) != `{"bucket":"two","calls":3,"path":"/health"}` {
			t.Errorf("%s: details %s", stage, got.HookDetails)
		}
		if got.Serin.Stage != string(stage) || got.Serin.Step != 2 || got.Serin.Revision.Version != "8" || got.Serin.Baseline != "version 7" {
			t.Errorf("%s: %s", stage, raw)
		}
	}
}

// An execution's id is that of a hook at a stage of a release, however often it is called and whoever owns the release.
func TestHookExecutionsAreTold(t *testing.T) {
	r := hooked(release.BeforeTraffic, release.AfterStep)
	seen := map[string]bool{}
	for range 2 {
		for _, at := range []struct {
			stage release.HookStage
			step  int
		}{{release.BeforeTraffic, 0}, {release.AfterStep, 0}, {release.AfterStep, 1}} {
			r.Step = at.step
			id := r.HookExecution(r.HookRound(at.stage).Calls[0])
			if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
				t.Error(id)
			}
			seen[id] = true
		}
		r.Executions = append(r.Executions, "another")
	}
	if len(seen) != 3 {
		t.Errorf("%d ids for 3 executions", len(seen))
	}
}
