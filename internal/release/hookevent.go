package release

import "encoding/json"

// HookEvent is what a hook is given. All but the last field are those of Amazon ECS' lifecycle hooks; where ECS names
// its own service revisions, what is released stands by the name that it has: a digest, a task definition or a version.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
type HookEvent struct {
	ExecutionID      string                     `json:"executionId"`
	LifecycleStage   string                     `json:"lifecycleStage"`
	ResourceARN      ExecutionARN               `json:"resourceArn"` // in the place of ECS' service deployment: the execution
	ExecutionDetails HookExecutionDetails       `json:"executionDetails"`
	HookDetails      map[string]json.RawMessage `json:"hookDetails"`
	Serin            HookRelease                `json:"serin"`
}

// HookExecutionDetails say what is deployed, and how the traffic is divided.
type HookExecutionDetails struct {
	ServiceARN               Resource          `json:"serviceArn"`               // what is released to: a service, an alias, a stack
	TargetServiceRevisionARN string            `json:"targetServiceRevisionArn"` // the new revision, also on a rollback
	TestTrafficWeights       map[string]Weight `json:"testTrafficWeights"`       // there is no test traffic
	ProductionTrafficWeights map[string]Weight `json:"productionTrafficWeights"` // by revision, percent
}

// HookRelease is what a hook learns that ECS has no field for.
type HookRelease struct {
	Release  ID         `json:"release"`
	Target   TargetName `json:"target"`
	Stage    HookStage  `json:"stage"`
	Step     int        `json:"step"`           // from 1
	Weight   Weight     `json:"weight"`         // what the new revision gets now, percent
	Revision Revision   `json:"revision"`       // the new one
	Baseline string     `json:"baseline"`       // what served before: a digest or "version 7"
	Made     []Made     `json:"made,omitempty"` // for this release: a task definition, a version that an image was published as
	Reason   string     `json:"reason,omitempty"`
}

// HookEvent returns what a hook is given at the present stage.
func (r *Release) HookEvent(call HookCall) HookEvent {
	stage, fresh := r.Hooks.Stage, r.Revision.Key()
	weight := r.hookWeight(stage)
	weights := map[string]Weight{}
	if !r.Request.First {
		weights[r.Baseline.Serves] = 100 - weight
	}
	weights[fresh] = weight
	event := HookEvent{
		ExecutionID: r.HookExecution(call), LifecycleStage: stage.Lifecycle(), ResourceARN: r.Owner(),
		ExecutionDetails: HookExecutionDetails{
			TargetServiceRevisionARN: fresh, TestTrafficWeights: map[string]Weight{}, ProductionTrafficWeights: weights,
		},
		HookDetails: map[string]json.RawMessage{},
		Serin: HookRelease{
			Release: r.ID, Target: r.Target.Name, Stage: stage, Step: r.Hooks.Step + 1, Weight: weight,
			Revision: r.Revision, Baseline: r.Baseline.Serves, Made: r.Made,
		},
	}
	if len(r.Resources) > 0 {
		event.ExecutionDetails.ServiceARN = r.Resources[0]
	}
	if stage == AfterRollback {
		event.Serin.Reason = r.Decision.Sentence
	}
	for name, text := range r.Target.Hooks[call.Hook].Details {
		event.HookDetails[name] = encoded(text)
	}
	var kept map[string]json.RawMessage
	if err := json.Unmarshal(call.Details, &kept); err == nil { // what was kept was read as an object before
		for name, value := range kept {
			event.HookDetails[name] = value
		}
	}
	return event
}

// hookWeight is what the new revision gets at a stage.
func (r *Release) hookWeight(stage HookStage) Weight {
	switch stage {
	case AfterStep:
		return r.Current().Weight
	case AfterPromotion:
		return 100
	case BeforeTraffic, AfterRollback:
	}
	return 0
}

func encoded(text string) json.RawMessage {
	raw, err := json.Marshal(text)
	if err != nil { // a string
		panic(err)
	}
	return raw
}
