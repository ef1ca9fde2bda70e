//go:build emulator || aws

package emulator

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// How much of everything a target has.
const (
	primaryTasks = 3
	maxReceives  = 5
	perSecond    = 25 // messages: a minute of the canary's quarter excludes a failure rate of 1 %
	batch        = 10
	least        = 5000 // messages in all
)

// workload is one target: a queue, two services that read it, images, and a producer.
type workload struct {
	*world
	name    string
	place   string            // the name of its cluster and queue; empty: its own
	example bool              // its workers are the example's, which write down nothing of a message
	single  bool              // one task is enough for the primary, and a fifth of the messages in all
	poison  int               // every n'th message fails in every version; 0: none
	sent    int               // messages
	stop    func()            // of the producer
	tags    map[string]string // of digests
	dead    map[int]bool      // messages that lay in the DLQ

	step, concurrency string // more of the target's file
}

func (w *workload) repository() string {
	return w.account + ".dkr.ecr." + w.region + ".amazonaws.com/" + w.name
}

func (w *workload) queue(suffix string) string {
	host := w.endpoint
	if host == "" {
		host = "https://sqs." + w.region + ".amazonaws.com"
	}
	return host + "/" + w.account + "/" + w.where() + suffix
}

// where names the cluster and the queue.
func (w *workload) where() string { return cmp.Or(w.place, w.name) }

// create makes the target's stack, its first version, what serin needs of it, and lets the work begin. It returns the
// first version's digest.
func (w *workload) create(t *testing.T) (digest string) {
	t.Helper()
	w.prepare(w, "initial", 0) // a tag that starts no release
	w.stack(t, w.name, body(encode(t, w.template(0))))
	digest = w.push(t, w, "initial", 0)
	w.scale(t)
	if _, err := cloudwatch.NewFromConfig(w.config(t)).SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String(w.name + "-dlq"), StateValue: types.StateValueOk, StateReason: aws.String("no data yet"),
	}); err != nil {
		t.Fatal(err)
	}
	w.serves(t, digest)
	w.steady(t)
	w.install(t)
	t.Cleanup(func() { w.evidence(t, w.name) })
	w.produce(t)
	return digest
}

// steady waits until ECS is done with both services: serin starts nothing in the middle of a deployment.
func (w *workload) steady(t *testing.T) {
	t.Helper()
	client := ecs.NewFromConfig(w.config(t))
	until(t, w.name+"'s services are not steady", func() bool {
		out, err := client.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: aws.String(w.where()), Services: slices.Collect(maps.Keys(w.services()))})
		if err != nil {
			t.Fatal(err)
		}
		return !slices.ContainsFunc(out.Services, func(s ecstypes.Service) bool {
			return len(s.Deployments) != 1 || s.Deployments[0].RolloutState != ecstypes.DeploymentRolloutStateCompleted || s.RunningCount != s.DesiredCount
		})
	})
}

// install makes the roles for serin, and writes the target's parameter.
func (w *workload) install(t *testing.T) {
	t.Helper()
	file := filepath.Join(folder, w.name+".target.yaml")
	if err := os.WriteFile(file, []byte(w.target()), 0o600); err != nil {
		t.Fatal(err)
	}
	w.stack(t, w.name+"-serin", body(w.serin(t, "iam", "-f", file), parameters("SerinAccount", w.account, "PassRoles", w.role())...))
	w.serin(t, "apply", "-f", file)
}

// role is what the tasks run with.
func (w *workload) role() string { return "arn:aws:iam::" + w.account + ":role/" + w.name + "-task" }

// policy is one of the core stack's for people.
func (w *workload) policy(may string) string {
	return "arn:aws:iam::" + w.account + ":policy/serin-" + may + "-" + w.region
}

// scale starts the tasks, now that there is an image.
func (w *workload) scale(t *testing.T) {
	t.Helper()
	client := ecs.NewFromConfig(w.config(t))
	for service, tasks := range w.services() {
		if _, err := client.UpdateService(t.Context(), &ecs.UpdateServiceInput{
			Cluster: &w.name, Service: &service, DesiredCount: aws.Int32(int32(tasks)), ForceNewDeployment: true,
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *workload) services() map[string]int {
	tasks := primaryTasks
	if w.single {
		tasks = 1
	}
	return map[string]int{w.name: tasks, w.name + "-canary": 1}
}

// load is how many messages are sent, a second and at least in all.
func (w *workload) load() (rate, all int) {
	if w.single {
		return 16, least / 5
	}
	return perSecond, least
}
