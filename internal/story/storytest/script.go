package storytest

import (
	"encoding/json"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// script writes a release as the conductor would, event by event.
type script struct {
	r         release.Release
	log       []release.Event
	now       time.Time
	rehearsed story.Rehearsed
	worker    worker
}

// start is when every hand-made release is opened.
var start = time.Date(2026, 3, 2, 14, 2, 8, 0, time.UTC)

func (s *script) at(minutes, seconds int) {
	s.now = start.Add(time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second)
}

func (s *script) event(kind release.EventKind, text string, data any) {
	event := release.Event{
		Seq: s.r.Seq + 1, At: s.now, Kind: kind, Phase: s.r.Phase, Step: s.r.Step, Epoch: s.r.Epoch, Text: text, Prev: s.r.Hash,
	}
	if data != nil {
		encoded, err := json.Marshal(data)
		if err != nil {
			panic(err)
		}
		event.Data = encoded
	}
	event.Hash = event.Sum()
	s.r.Seq = event.Seq
	if kind.Durable() {
		s.r.Hash = event.Hash
	}
	s.log = append(s.log, event)
}

// enter moves the release to a phase, by the product's own rules.
func (s *script) enter(phase release.Phase, text string) {
	if err := s.r.Enter(phase, s.now); err != nil {
		panic(err)
	}
	kind, data := release.EventPhase, any(nil)
	if phase.Final() {
		kind, data = release.EventFinished, s.r.Outcome()
	}
	s.event(kind, text, data)
}

func (s *script) decide(next release.Next, reason release.Reason, sentence string) {
	s.r.Decision = release.Decision{Next: next, At: s.now, Epoch: s.r.Epoch, Reason: reason, Sentence: sentence}
	s.event(release.EventDecision, sentence, s.r.Decision)
}

func (s *script) share(canary, primary int) {
	s.r.Shares = append(s.r.Shares, release.TaskShare{At: s.now, Canary: canary, Primary: primary})
}

// visit records states that the execution passed through now, each counted as a transition.
func (s *script) visit(states ...string) {
	for i, state := range states {
		s.rehearsed.Path = append(s.rehearsed.Path, story.Visit{At: s.now.Add(time.Duration(i*40) * time.Millisecond), State: state})
		s.rehearsed.Transitions++
		if function := functionOf(state); function != "" {
			s.call(function)
		}
	}
}

func functionOf(state string) string {
	switch state {
	case "DeployCanary":
		return "deploy-canary"
	case "CheckAlarms":
		return "check-alarms"
	case "Promote":
		return "promote"
	case "Rollback":
		return "rollback"
	}
	return ""
}

// call records the API calls that an invocation of a function makes.
func (s *script) call(function string) {
	actions := map[string][]string{
		"deploy-canary": {"dynamodb:GetItem", "ecs:DescribeServices", "ecs:DescribeTasks", "ecs:UpdateService", "dynamodb:TransactWriteItems"},
		"check-alarms":  {"dynamodb:GetItem", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "ecs:DescribeServices", "dynamodb:TransactWriteItems"},
		"promote":       {"dynamodb:GetItem", "ecs:DescribeServices", "ecs:UpdateService", "dynamodb:TransactWriteItems"},
		"rollback":      {"dynamodb:GetItem", "ecs:DescribeServices", "ecs:UpdateService", "ecs:ListTasks", "dynamodb:TransactWriteItems"},
	}[function]
	for i, action := range actions {
		at := s.now.Add(time.Duration(10+20*i) * time.Millisecond)
		s.rehearsed.Calls = append(s.rehearsed.Calls, story.Call{At: at, Function: function, Action: action})
		s.rehearsed.Usage.Call(action, nil)
	}
	s.rehearsed.Usage.Invoke(150*time.Millisecond, 256)
}

// fault records a call that failed.
func (s *script) fault(function, action, code, text string) {
	s.rehearsed.Calls = append(s.rehearsed.Calls, story.Call{At: s.now, Function: function, Action: action, Error: code})
	s.rehearsed.Faults = append(s.rehearsed.Faults, story.Fault{At: s.now, Text: text})
}

// rehearsal returns what the rehearsal knows, once the execution ended in a state.
func (s *script) rehearsal(scenario, end string) *story.Rehearsed {
	s.rehearsed.Seed, s.rehearsed.Scenario, s.rehearsed.End = 7, scenario, end
	s.rehearsed.Usage.Transitions = float64(s.rehearsed.Transitions)
	r := s.rehearsed
	return &r
}
