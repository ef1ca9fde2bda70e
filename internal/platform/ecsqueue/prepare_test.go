package ecsqueue

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/serin-aws/serin/internal/release"
)

// refusal is one workload or revision that Prepare must refuse.
type refusal struct {
	name   string
	world  func(*world)
	target func(*release.Target)
	rev    release.Revision
	code   release.Code
	says   []string // what the error must name
}

var refusals = []refusal{
	{
		name:   "cluster missing",
		target: func(t *release.Target) { t.ECSQueue.Cluster = "production" },
		code:   release.NotFound, says: []string{"cluster production", "ecsQueue.cluster"},
	}, {
		name:   "primary service missing",
		target: func(t *release.Target) { t.ECSQueue.PrimaryService = "orders" },
		code:   release.NotFound, says: []string{"service orders", "ecsQueue.primaryService"},
	}, {
		name:  "canary service deleted",
		world: func(w *world) { w.services["orders-worker-canary"].Status = aws.String("INACTIVE") },
		code:  release.NotFound, says: []string{"service orders-worker-canary", "ecsQueue.canaryService"},
	}, {
		name:   "one service for both",
		target: func(t *release.Target) { t.ECSQueue.CanaryService = "orders-worker" },
		code:   release.Invalid, says: []string{"both orders-worker"},
	}, {
		name: "CodeDeploy controls the service",
		world: func(w *world) {
			w.services["orders-worker"].DeploymentController = &types.DeploymentController{Type: types.DeploymentControllerTypeCodeDeploy}
		},
		code: release.Invalid, says: []string{"CODE_DEPLOY", "rolling"},
	}, {
		name: "ECS's own blue/green",
		world: func(w *world) {
			w.services["orders-worker"].DeploymentConfiguration.Strategy = types.DeploymentStrategyBlueGreen
		},
		code: release.Invalid, says: []string{"BLUE_GREEN", "ROLLING"},
	}, {
		name:  "daemon",
		world: func(w *world) { w.services["orders-worker"].SchedulingStrategy = types.SchedulingStrategyDaemon },
		code:  release.Invalid, says: []string{"DAEMON"},
	}, {
		name: "in the middle of a deployment",
		world: func(w *world) {
			s := w.services["orders-worker"]
			w.deploy(s, aws.ToString(s.TaskDefinition), nil)
			w.tick(5 * time.Second)
		},
		code: release.Unstable, says: []string{"orders-worker", "2 deployments", "wait"},
	}, {
		name: "deployment in progress, alone",
		world: func(w *world) {
			w.services["orders-worker"].primary().state = types.DeploymentRolloutStateInProgress
		},
		code: release.Unstable, says: []string{"IN_PROGRESS"},
	}, {
		name:  "deployment failed",
		world: func(w *world) { w.services["orders-worker"].primary().state = types.DeploymentRolloutStateFailed },
		code:  release.Unstable, says: []string{"FAILED"},
	}, {
		name:  "scaling out at this moment",
		world: func(w *world) { w.services["orders-worker"].DesiredCount = 12 },
		code:  release.Unstable, says: []string{"9 of 12 tasks"},
	}, {
		name: "deployments that cannot move",
		world: func(w *world) {
			c := w.services["orders-worker-canary"].DeploymentConfiguration
			c.MinimumHealthyPercent, c.MaximumPercent = aws.Int32(50), aws.Int32(150)
		},
		code: release.Invalid, says: []string{"orders-worker-canary", "of 1 task at least 1 must stay healthy and at most 1 may run"},
	}, {
		name:   "queue missing",
		target: func(t *release.Target) { t.ECSQueue.Queue = "order" },
		code:   release.NotFound, says: []string{"queue order", "ecsQueue.queue"},
	}, {
		name:   "queue missing, by URL",
		target: func(t *release.Target) { t.ECSQueue.Queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/order" },
		code:   release.NotFound, says: []string{"queue https"},
	}, {
		name:  "FIFO queue",
		world: func(w *world) { w.queues["orders"]["FifoQueue"] = "true" },
		code:  release.Invalid, says: []string{"FIFO", "message groups"},
	}, {
		name: "canary scaled by itself",
		world: func(w *world) {
			w.targets = append(w.targets, scalingtypes.ScalableTarget{ResourceId: aws.String("service/prod/orders-worker-canary"), MinCapacity: aws.Int32(1), MaxCapacity: aws.Int32(4)})
		},
		code: release.Invalid, says: []string{"orders-worker-canary", "1 to 4"},
	}, {
		name: "canary on Spot",
		world: func(w *world) {
			w.services["orders-worker-canary"].CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: aws.String("FARGATE_SPOT"), Weight: 1}}
		},
		code: release.Invalid, says: []string{"FARGATE_SPOT", "launch type FARGATE"},
	}, {
		name: "deregistered definition",
		world: func(w *world) {
			w.edit("orders-worker", func(d *fakeDefinition) { d.Status = types.TaskDefinitionStatusInactive })
		},
		code: release.Unstable, says: []string{"orders-worker:1", "INACTIVE", "retain"},
	}, {
		name:   "container missing",
		target: func(t *release.Target) { t.ECSQueue.Container = "app" },
		code:   release.NotFound, says: []string{`container "app"`, "ecsQueue.container"},
	}, {
		name: "no room for tags",
		world: func(w *world) {
			w.edit("orders-worker", func(d *fakeDefinition) {
				d.tags = nil
				for i := range 48 {
					d.tags = append(d.tags, types.Tag{Key: aws.String(strings.Repeat("k", i+1)), Value: aws.String("v")})
				}
			})
		},
		code: release.Invalid, says: []string{"tags", "51", "50"},
	}, {
		name: "other environment in the canary",
		world: func(w *world) {
			w.edit("orders-worker-canary", func(d *fakeDefinition) {
				d.ContainerDefinitions[0].Environment[1].Value = aws.String("other-" + secretValue)
				d.Cpu = aws.String("1024")
			})
		},
		code: release.Invalid, says: []string{"containerDefinitions.worker.environment.API_KEY", "cpu"},
	}, {
		name: "other queue in the canary",
		world: func(w *world) {
			add := func(url string) func(d *fakeDefinition) {
				return func(d *fakeDefinition) {
					c := &d.ContainerDefinitions[0]
					c.Environment = append(c.Environment, types.KeyValuePair{Name: aws.String("QUEUE"), Value: aws.String(url)})
				}
			}
			w.edit("orders-worker", add("https://sqs/orders-worker-jobs"))
			w.edit("orders-worker-canary", add("https://sqs/other"))
		},
		code: release.Invalid, says: []string{"environment.QUEUE"},
	}, {
		name: "other sidecar running in the canary",
		world: func(w *world) {
			w.services["orders-worker-canary"].primary().digests["xray"] = digest("xray-newer")
		},
		code: release.Invalid, says: []string{"containerDefinitions.xray.image"},
	}, {
		name: "other image running in the canary",
		world: func(w *world) {
			s := w.services["orders-worker-canary"]
			s.primary().digests["worker"] = thirdImage
		},
		code: release.Unstable, says: []string{release.Digest(oldDigest).Short(), release.Digest(thirdImage).Short()},
	}, {
		name: "baseline gone from the repository",
		world: func(w *world) {
			delete(w.images, oldDigest)
		},
		code: release.NotFound, says: []string{release.Digest(oldDigest).Short(), "lifecycle", "orders-worker"},
	}, {
		name:  "baseline archived",
		world: func(w *world) { w.archived[oldDigest] = true },
		code:  release.NotFound, says: []string{"archived"},
	}, {
		name: "tasks on different images under one tag",
		world: func(w *world) {
			w.edit("orders-worker", func(d *fakeDefinition) {
				d.ContainerDefinitions[0].VersionConsistency = types.VersionConsistencyDisabled
			})
			w.edit("orders-worker-canary", func(d *fakeDefinition) {
				d.ContainerDefinitions[0].VersionConsistency = types.VersionConsistencyDisabled
			})
			task := w.services["orders-worker"].tasks[3]
			task.Containers[task.worker()].ImageDigest = aws.String(thirdImage)
		},
		code: release.Unstable, says: []string{"different images", "force a new deployment"},
	}, {
		name: "image of another repository",
		rev:  release.Revision{Image: "payments-worker:release-42"},
		code: release.Forbidden, says: []string{"payments-worker:release-42", "orders-worker"},
	}, {
		name: "image of another registry",
		rev:  release.Revision{Image: "999999999999.dkr.ecr.eu-west-1.amazonaws.com/orders-worker:release-42"},
		code: release.Forbidden, says: []string{"999999999999"},
	}, {
		name: "tag that does not exist",
		rev:  release.Revision{Image: "orders-worker:release-99"},
		code: release.NotFound, says: []string{"tag release-99", "repository orders-worker"},
	}, {
		name: "digest that does not exist",
		rev:  release.Revision{Image: "orders-worker@" + digest("nothing")},
		code: release.NotFound, says: []string{digest("nothing")},
	}, {
		name: "neither tag nor digest",
		rev:  release.Revision{Image: "orders-worker"},
		code: release.Invalid, says: []string{"neither a tag nor a digest"},
	}, {
		name: "not an image",
		rev:  release.Revision{Image: "orders-worker@sha256:41d0"},
		code: release.Invalid, says: []string{"sha256:<64 hex digits>"},
	}, {
		name:   "repository missing",
		target: func(t *release.Target) { t.Source.ECR.Repository = "orders" },
		rev:    release.Revision{Image: "orders:release-42"},
		code:   release.NotFound, says: []string{"repository orders", "source.ecr.repository"},
	}, {
		name: "a Lambda version",
		rev:  release.Revision{Version: "7"},
		code: release.Invalid, says: []string{"not a Lambda version"},
	}, {
		name: "nothing",
		rev:  release.Revision{Image: "a", Version: "7"},
		code: release.Invalid, says: []string{"exactly one"},
	},
}

func TestPrepareRefuses(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			w, target := standard(), ordersTarget()
			if c.world != nil {
				c.world(w)
			}
			if c.target != nil {
				c.target(&target)
			}
			if c.rev.IsZero() {
				c.rev = release42
			}
			_, err := platformOf(w).Prepare(t.Context(), target, c.rev)
			wantError(t, err, c.code, c.says...)
			if got := w.mutations(); len(got) > 0 {
				t.Errorf("changed something: %v", got)
			}
		})
	}
}

func wantError(t *testing.T, err error, code release.Code, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := release.CodeOf(err); got != code {
		t.Errorf("code %s, want %s: %v", got, code, err)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q: %v", text, err)
		}
	}
	if strings.Contains(err.Error(), secretValue) {
		t.Errorf("the error prints a value: %v", err)
	}
}

func TestPrepareRecordsTheBaseline(t *testing.T) {
	w := standard()
	w.push("release-41", thirdImage) // the tag has moved since the tasks started
	w.push("latest", thirdImage)
	prepared, err := platformOf(w).Prepare(t.Context(), ordersTarget(), release42)
	if err != nil {
		t.Fatal(err)
	}
	if prepared.Live || prepared.Revision.Digest != release.Digest(newDigest) || prepared.Baseline.Serves != oldDigest {
		t.Errorf("live %t, releases %s over %s", prepared.Live, prepared.Revision.Digest, prepared.Baseline.Serves)
	}
	if want := "orders-worker:1 on 9 tasks, orders-worker-canary:1 on 1 task, " + release.Digest(oldDigest).Short(); prepared.Baseline.Summary != want {
		t.Errorf("summary %q, want %q", prepared.Baseline.Summary, want)
	}
	if want := []release.Resource{release.Resource(arnOf("service", "prod/orders-worker")), release.Resource(arnOf("service", "prod/orders-worker-canary"))}; !slices.Equal(prepared.Resources, want) {
		t.Errorf("resources %v", prepared.Resources)
	}
	if m := prepared.Metrics; m.Canary.Value != "orders-worker-canary" || m.Baseline.Value != "orders-worker" || m.Work.String() != "AWS/SQS/NumberOfMessagesReceived{QueueName=orders}" {
		t.Errorf("metrics %+v", m)
	}
	var d detail
	if err := json.Unmarshal(prepared.Baseline.Detail, &d); err != nil {
		t.Fatal(err)
	}
	if d.Primary.Pinned || d.Primary.Desired != 9 || d.Primary.Newest != 1 || d.Primary.Deployment == "" || !d.Primary.Reverts || d.Primary.Max != 200 {
		t.Errorf("primary %+v", d.Primary)
	}
	if want := map[string]string{"worker": registry + "/orders-worker@" + oldDigest, "xray": "public.ecr.aws/xray/aws-xray-daemon@" + xrayDigest}; !maps.Equal(d.Canary.Images(), want) {
		t.Errorf("canary's images %v", d.Canary.Images())
	}
	if s := d.Scaling; s == nil || s.Min != 3 || s.Max != 30 || !s.InSuspended || s.OutSuspended {
		t.Errorf("scaling %+v", d.Scaling)
	}
	if !strings.Contains(strings.Join(d.Notes, "\n"), "container xray still exists was not checked") {
		t.Errorf("notes %q", d.Notes)
	}
	if text := string(prepared.Baseline.Detail); strings.Contains(text, secretValue) || strings.Contains(text, "secretsmanager") || strings.Contains(text, "guardduty") {
		t.Errorf("the record holds what it must not: %s", text)
	}
}

// Where ECS names no digest for a service revision the running tasks do.
func TestPrepareReadsDigestsOfTasks(t *testing.T) {
	w := standard()
	for _, name := range []string{"orders-worker", "orders-worker-canary"} {
		w.edit(name, func(d *fakeDefinition) {
			d.ContainerDefinitions[0].VersionConsistency = types.VersionConsistencyDisabled
		})
	}
	w.push("release-41", newDigest)
	prepared, err := platformOf(w).Prepare(t.Context(), ordersTarget(), release42)
	if err != nil {
		t.Fatal(err)
	}
	if prepared.Baseline.Serves != oldDigest {
		t.Errorf("serves %s", prepared.Baseline.Serves)
	}
}

func TestPrepareKnowsWhatIsLive(t *testing.T) {
	for _, image := range []string{"orders-worker:release-41", "orders-worker@" + oldDigest, registry + "/orders-worker:latest", "orders-worker:release-7@" + oldDigest} {
		prepared, err := platformOf(standard()).Prepare(t.Context(), ordersTarget(), release.Revision{Image: image})
		if err != nil || !prepared.Live {
			t.Errorf("%s: live %t, %v", image, prepared.Live, err)
		}
	}
	for _, definition := range []string{"orders-worker:1", arnOf("task-definition", "orders-worker:1")} {
		prepared, err := platformOf(standard()).Prepare(t.Context(), ordersTarget(), release.Revision{TaskDefinition: definition})
		if err != nil || !prepared.Live || prepared.Revision.TaskDefinition != arnOf("task-definition", "orders-worker:1") {
			t.Errorf("%s: live %t, %+v, %v", definition, prepared.Live, prepared.Revision, err)
		}
	}
}

// Nothing runs: a valid baseline. The canary at rest with no task has no digest of its own.
func TestPrepareWithoutTasks(t *testing.T) {
	w := standard()
	for _, name := range []string{"orders-worker", "orders-worker-canary"} {
		w.services[name].DesiredCount = 0
	}
	w.tick(10 * time.Minute)
	for _, s := range w.services {
		s.tasks = nil
	}
	w.push("release-41", thirdImage)
	prepared, err := platformOf(w).Prepare(t.Context(), ordersTarget(), release42)
	if err != nil {
		t.Fatal(err)
	}
	if prepared.Baseline.Serves != thirdImage {
		t.Errorf("serves %s", prepared.Baseline.Serves)
	}
}

// Its sidecars are what the primary's are, where both definitions write them alike, and no difference.
func TestPrepareWithUnpinnedCanaryAtRest(t *testing.T) {
	w := standard()
	canary := w.services["orders-worker-canary"]
	canary.DesiredCount = 0
	w.tick(10 * time.Minute)
	canary.tasks = nil
	w.edit("orders-worker", func(d *fakeDefinition) {
		d.ContainerDefinitions[1].Image = aws.String("public.ecr.aws/xray/aws-xray-daemon:3.x")
	})
	prepared, err := platformOf(w).Prepare(t.Context(), ordersTarget(), release42)
	if err != nil {
		t.Fatal(err)
	}
	var d detail
	if err := json.Unmarshal(prepared.Baseline.Detail, &d); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"worker": registry + "/orders-worker@" + oldDigest, "xray": "public.ecr.aws/xray/aws-xray-daemon@" + xrayDigest}; !maps.Equal(d.Canary.Images(), want) {
		t.Errorf("canary's images %v", d.Canary.Images())
	}
}

// A canary at rest may have resolved another sidecar long ago.
func TestPrepareWithOlderCanaryAtRest(t *testing.T) {
	w := standard()
	w.services["orders-worker-canary"].DesiredCount = 0
	w.services["orders-worker-canary"].primary().digests["xray"] = digest("xray-older")
	w.tick(time.Minute)
	r := open(t, w, release42)
	r.reach(r.shifting(10))
	for _, task := range w.services["orders-worker-canary"].wantedOf(nil) {
		for _, c := range task.Containers {
			if aws.ToString(c.Name) == "xray" && aws.ToString(c.ImageDigest) != xrayDigest {
				t.Errorf("the canary runs another sidecar than the primary: %s", aws.ToString(c.ImageDigest))
			}
		}
	}
}

// A canary that rests with no task keeps its own, older image without being called unstable.
func TestPrepareWithCanaryAtRest(t *testing.T) {
	w := pinned()
	w.services["orders-worker-canary"].DesiredCount = 0
	w.edit("orders-worker-canary", func(d *fakeDefinition) {
		d.ContainerDefinitions[0].Image = aws.String(registry + "/orders-worker@" + thirdImage)
	})
	w.tick(time.Minute)
	prepared, err := platformOf(w).Prepare(t.Context(), ordersTarget(), release42)
	if err != nil || prepared.Baseline.Serves != oldDigest {
		t.Fatalf("%s, %v", prepared.Baseline.Serves, err)
	}
}

// A throttle or a missing permission keeps its own code.
func TestPrepareKeepsAWSErrors(t *testing.T) {
	for code, want := range map[string]release.Code{"ThrottlingException": release.Throttled, "AccessDeniedException": release.Denied, "ServerException": release.Unavailable} {
		for n := 1; ; n++ {
			w := standard()
			w.disturb = func(nth int, _ string) fault {
				if nth == n {
					return fault{before: apiError(code, "no")}
				}
				return fault{}
			}
			_, err := platformOf(w).Prepare(t.Context(), ordersTarget(), release42)
			if w.nthCall < n {
				break
			}
			if release.CodeOf(err) != want {
				t.Errorf("%s at call %d: %v", code, n, err)
			}
		}
	}
}
