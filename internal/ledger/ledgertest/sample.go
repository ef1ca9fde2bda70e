package ledgertest

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/serin-aws/serin/internal/release"
)

// Sample returns a release that is ready to be opened, of a usual size. Releases of the same target lock the same
// resources; each execution makes a release of its own.
func Sample(target release.TargetName, execution string, at time.Time) release.Release {
	arn := release.ExecutionARN("arn:aws:states:eu-central-1:123456789012:execution:serin:" + execution)
	return release.Release{
		Snapshot: release.Snapshot{
			Schema: release.Schema, ID: release.NewID(target, arn), Target: sampleTarget(target), TargetHash: "0f343b0931126a20f133d67c2b018a3b",
			Request:  release.Request{Target: target, Revision: release.Revision{Image: string(target) + ":42"}, StartedBy: "ecr push"},
			Revision: release.Revision{Image: string(target) + ":42", Digest: "sha256:9b1e0c55d1a5a0aef0dc3b1c2b8f8b0c8d2a3b1f4c6e7d8091a2b3c4d5e6f708"},
			Baseline: release.Baseline{Serves: "sha256:1f3a...", Summary: "9 tasks of " + string(target) + ":41", Detail: sampleDetail(target)},
			Steps: []release.Step{
				{Weight: 10, Bake: release.Duration(10 * time.Minute)},
				{Weight: 25, Bake: release.Duration(10 * time.Minute)},
			},
			Resources: Resources(target),
			Opened:    at,
		},
		State: release.State{Phase: release.Preparing, Since: at, Epoch: 1, Executions: []release.ExecutionARN{arn}},
	}
}

// Resources returns what every release of a target locks.
func Resources(target release.TargetName) []release.Resource {
	const service = "arn:aws:ecs:eu-central-1:123456789012:service/shop/"
	return []release.Resource{
		release.Resource(service + string(target)),
		release.Resource(service + string(target) + "-canary"),
		release.Resource("arn:aws:application-autoscaling:eu-central-1:123456789012:scalable-target/" + string(target)),
	}
}

// Look returns a look of the judge, of a usual size.
func Look(text string) release.Event {
	judgement := Judgement()
	data, err := json.Marshal(release.Look{Judgement: judgement, Weight: 10, Canary: release.Units{Desired: 1, Running: 1, Healthy: 1}, Primary: release.Units{Desired: 9, Running: 9, Healthy: 9}})
	if err != nil {
		panic(err) // our own types
	}
	return release.Event{Kind: release.EventLook, Text: text, Data: data}
}

// Judgement returns what the judge says of two alarms and a comparison.
func Judgement() release.Judgement {
	return release.Judgement{
		Verdict: release.Inconclusive, Sentence: "failures: 3 of 412 units failed on the canary, 5 of 3,708 on the primary; too few to tell",
		Checks: []release.Check{
			{Kind: release.CheckAlarm, Name: "orders-dlq-not-empty", Verdict: release.Pass, Sentence: "OK since 09:12:00"},
			{Kind: release.CheckAlarm, Name: "orders-oldest-message", Verdict: release.Pass, Sentence: "OK since 09:12:00"},
			{
				Kind: release.CheckComparison, Name: "failures", Verdict: release.Inconclusive, Sentence: "3 of 412 against 5 of 3,708",
				Canary: release.Arm{Units: 412, Failed: 3}, Baseline: release.Arm{Units: 3708, Failed: 5}, EValue: 1.83, Threshold: 100, RatioLow: 0.2, RatioHigh: 31.5, UnitsLeft: 1900,
			},
		},
	}
}

func sampleTarget(name release.TargetName) release.Target {
	return release.Target{
		Name: name, Platform: release.PlatformECSQueue,
		ECSQueue: &release.ECSQueue{Cluster: "shop", PrimaryService: string(name), CanaryService: string(name) + "-canary", Container: "worker", Queue: string(name)},
		Checks: release.Checks{
			Alarms: []string{"orders-dlq-not-empty", "orders-oldest-message"}, FalseRollback: 0.01, MinimumSample: 300, Inconclusive: release.InconclusiveHold,
			Compare: []release.Comparison{{Name: "failures", Margin: 1.25, Proportion: &release.Proportion{Namespace: "Orders", Failed: "Failed", Total: "Processed", By: release.ByDimension{Dimension: "Service"}}}},
		},
		Concurrency: release.Supersede, Freeze: []string{"Fri 16:00-Mon 08:00 Europe/Berlin"},
	}
}

// sampleDetail is a baseline as a platform records it: two services, their task definitions and digests.
func sampleDetail(target release.TargetName) json.RawMessage {
	const service = `{"service":"arn:aws:ecs:eu-central-1:123456789012:service/shop/%s","desired":9,"taskDefinition":"arn:aws:ecs:eu-central-1:123456789012:task-definition/%s:41",` +
		`"containers":[{"name":"worker","image":"123456789012.dkr.ecr.eu-central-1.amazonaws.com/%s:41","digest":"sha256:1f3a0c55d1a5a0aef0dc3b1c2b8f8b0c8d2a3b1f4c6e7d8091a2b3c4d5e6f708"},` +
		`{"name":"proxy","image":"123456789012.dkr.ecr.eu-central-1.amazonaws.com/proxy:7","digest":"sha256:7a3a0c55d1a5a0aef0dc3b1c2b8f8b0c8d2a3b1f4c6e7d8091a2b3c4d5e6f708"}],` +
		`"deployment":{"maximumPercent":200,"minimumHealthyPercent":100,"circuitBreaker":{"enable":true,"rollback":true}},"scaling":{"min":3,"max":30}}`
	one := fmt.Sprintf(service, target, target, target)
	return json.RawMessage(`{"primary":` + one + `,"canary":` + one + `}`)
}
