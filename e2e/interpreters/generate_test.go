//go:build interpreters

package interpreters

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/internal/release"
)

// words are everything that a function may say, and two that none says.
var words = []release.Next{
	release.NextWait, release.NextCheck, release.NextShift, release.NextPromote, release.NextSettle, release.NextRollback,
	release.NextDone, release.NextRecovered, release.NextNothing, release.NextRefused, "Wait", "unknown",
}

// usual are the words after which a release goes on.
var usual = map[string][]release.Next{
	"DeployCanary": {release.NextWait, release.NextCheck, release.NextCheck},
	"CheckAlarms":  {release.NextWait, release.NextWait, release.NextShift, release.NextPromote},
	"Promote":      {release.NextWait, release.NextSettle, release.NextDone},
	"Rollback":     {release.NextWait, release.NextDone, release.NextRecovered},
}

// functions are the tasks in the order in which a release meets them, and the words that lead to each.
var functions = []struct {
	name string
	way  []release.Next
}{
	{"DeployCanary", nil},
	{"CheckAlarms", []release.Next{release.NextCheck}},
	{"Promote", []release.Next{release.NextCheck, release.NextPromote}},
	{"Rollback", []release.Next{release.NextRollback}},
}

// crashes are errors that no function of ours returns.
var crashes = []string{
	"Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "States.Timeout", "Lambda.TooManyRequestsException",
	"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException",
	"Lambda.ClientExecutionTimeoutException", "Lambda.CodeArtifactUserPendingException", "wrapError", "errorString",
}

// odd are answers that no function of ours gives.
var odd = []string{
	`{}`, `[]`, `"wait"`, `3`, `{"next":null}`, `{"next":["wait"]}`, `{"next":{}}`, `{"next":"wait"}`,
	`{"next":"wait","wait":"60"}`, `{"next":"wait","wait":-1}`, `{"next":"wait","wait":1.5}`, `{"next":"wait","wait":null}`,
	`{"next":"done"}`, `{"next":"refused","note":3}`,
}

var inputs = []string{
	`{}`, `{"target":"orders"}`, `{"target":"orders","revision":{"image":"a:b"},"first":true,"reason":"it's a test \u00e9 {}"}`,
	`{"intent":"release"}`, `{"intent":"recover","release":"r-1"}`, `{"intent":"rollback"}`, `{"intent":null}`, `{"intent":3}`, `[]`, `"recover"`,
}

func errorNames() []string {
	names := slices.Clone(crashes)
	for _, row := range release.Codes() {
		names = append(names, string(row.Code))
	}
	return names
}

func saying(word release.Next, wait int, note string) answer {
	text, err := json.Marshal(release.Answer{Release: "r-1", Next: word, Wait: release.Seconds(wait), Note: note})
	if err != nil {
		panic(err)
	}
	return answer{Output: text}
}

// dialect is what an interpreter takes for an answer. What it does not take is left out of its scripts.
type dialect struct {
	cause func(name string) string // of an error
	odd   []string                 // answers that no function of ours gives
	hangs bool                     // a call may take longer than its task allows, and that takes no real time
	input string                   // one more input
}

func (d dialect) failing(name string) answer { return answer{Error: name, Cause: d.cause(name)} }

func service() answer {
	return answer{Output: json.RawMessage(`{"SdkHttpMetadata":{"HttpStatusCode":200}}`)}
}

func isFunction(state string) bool { return usual[state] != nil }

func newScript(id, input string) *script {
	return &script{
		ID: id, Execution: "arn:aws:states:eu-west-1:123456789012:execution:" + machineName + ":" + id,
		Entered: begin.Format("2006-01-02T15:04:05.000Z"), Input: json.RawMessage(input), Answers: []answer{},
	}
}

// brought answers so that the execution comes to its end soon.
func brought(step asl.Invoke) answer {
	switch step.State {
	case "DeployCanary":
		return saying(release.NextCheck, 0, "the canary runs")
	case "CheckAlarms":
		return saying(release.NextPromote, 0, "it passes")
	case "Promote", "Rollback":
		return saying(release.NextDone, 0, "it's done")
	}
	return service()
}

// listed answers from a list, then brings the execution home.
func listed(answers []answer) func(asl.Invoke) answer {
	i := -1
	return func(step asl.Invoke) answer {
		if i++; i < len(answers) {
			return answers[i]
		}
		return brought(step)
	}
}

// paths are the scripts of which each is there for a reason: every word, every odd answer and every error at every
// task, every intent, and Dirty with calls that fail.
func (d dialect) paths() map[string]func() (input string, next func(asl.Invoke) answer) {
	made := map[string]func() (string, func(asl.Invoke) answer){}
	add := func(id, input string, answers ...answer) {
		made[id] = func() (string, func(asl.Invoke) answer) { return input, listed(answers) }
	}
	for i, input := range append(slices.Clone(inputs), d.input) {
		add(fmt.Sprintf("input-%d", i), input)
	}
	for _, task := range functions {
		var way []answer
		for _, word := range task.way {
			way = append(way, saying(word, 60, "why "+string(word)))
		}
		at := func(answers ...answer) []answer { return append(append([]answer{}, way...), answers...) }
		for _, word := range words {
			add("word-"+task.name+"-"+string(word), inputs[1], at(saying(word, 90, "why"))...)
		}
		for i, text := range d.odd {
			add(fmt.Sprintf("odd-%s-%d", task.name, i), inputs[1], at(answer{Output: json.RawMessage(text)})...)
		}
		for i, name := range errorNames() {
			once, storm := at(d.failing(name)), way
			for range 40 { // more than any Retry allows
				storm = append(storm, d.failing(name))
			}
			add(fmt.Sprintf("once-%s-%d", task.name, i), inputs[1], once...)
			add(fmt.Sprintf("storm-%s-%d", task.name, i), inputs[1], storm...)
		}
	}
	return made
}

// random draws scripts: mostly releases that go on, with errors, storms of errors and odd answers among them.
type random struct {
	*rand.Rand
	dialect
	left  int // answers until the execution is brought home
	storm int
	error answer
}

func (d dialect) random(seed uint64) *random {
	r := &random{Rand: rand.New(rand.NewPCG(seed, 20)), dialect: d}
	r.left = 1 + r.IntN(40)
	return r
}

func (r *random) drawInput() string {
	all := append(slices.Clone(inputs), r.input)
	return all[r.IntN(len(all))]
}

func (r *random) next(step asl.Invoke) answer {
	if r.storm > 0 {
		r.storm--
		return r.error
	}
	if r.left--; r.left < 0 {
		return brought(step)
	}
	switch kind := r.IntN(100); {
	case kind < 4:
		r.storm, r.error = r.IntN(40), r.failure()
		return r.error
	case kind < 20:
		return r.failure()
	case !isFunction(step.State):
		return service()
	case kind < 25:
		return answer{Output: json.RawMessage(r.odd[r.IntN(len(r.odd))])}
	case kind < 32:
		return saying(words[r.IntN(len(words))], r.IntN(400), "any word")
	default:
		likely := usual[step.State]
		return saying(likely[r.IntN(len(likely))], r.IntN(400), fmt.Sprintf("note %d", r.IntN(1000)))
	}
}

func (r *random) failure() answer {
	if r.hangs && r.IntN(8) == 0 {
		return answer{Hang: true}
	}
	names := errorNames()
	return r.failing(names[r.IntN(len(names))])
}
