package asl_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/asl"
	"github.com/serin-aws/serin/statemachine/definition"
)

// machine wraps states into a definition that starts at "A".
func machine(states string) string { return `{"StartAt":"A","States":{` + states + `}}` }

const (
	end  = `,"Z":{"Type":"Succeed"}`
	task = `"Type":"Task","Resource":"r","TimeoutSeconds":60,"Next":"Z"`
)

func load(t *testing.T, text string) *asl.Machine {
	t.Helper()
	m, err := asl.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLoadRefuses(t *testing.T) {
	retrier := func(fields string) string { return machine(`"A":{` + task + `,"Retry":[{` + fields + `}]}` + end) }
	catcher := func(fields string) string {
		return machine(`"A":{` + task + `,"Catch":[{"Next":"Z",` + fields + `}]}` + end)
	}
	rule := func(fields string) string {
		return machine(`"A":{"Type":"Choice","Default":"Z","Choices":[{` + fields + `}]}` + end)
	}
	parameters := func(fields string) string {
		return machine(`"A":{` + task + `,"Parameters":{` + fields + `}}` + end)
	}
	for name, test := range map[string]struct{ text, want string }{
		"empty":                {``, "must be a JSON object"},
		"not an object":        {`[]`, "must be a JSON object"},
		"null":                 {`null`, "must be a JSON object"},
		"cut off":              {`{"StartAt":"A"`, "not valid JSON"},
		"two definitions":      {machine(`"A":{"Type":"Succeed"}`) + `{}`, "must stand alone"},
		"no start":             {`{"States":{"A":{"Type":"Succeed"}}}`, `lacks the field "StartAt"`},
		"no states":            {`{"StartAt":"A"}`, `lacks the field "States"`},
		"states twice":         {`{"StartAt":"A","States":{},"States":{}}`, `"States" twice`},
		"unknown field on top": {`{"StartAt":"A","Processor":1,"States":{"A":{"Type":"Succeed"}}}`, `"Processor"`},
		"JSONata":              {`{"StartAt":"A","QueryLanguage":"JSONata","States":{"A":{"Type":"Succeed"}}}`, "JSONPath"},
		"another version":      {`{"StartAt":"A","Version":"2.0","States":{"A":{"Type":"Succeed"}}}`, "1.0"},
		"zero machine timeout": {`{"StartAt":"A","TimeoutSeconds":0,"States":{"A":{"Type":"Succeed"}}}`, "from 1 to"},
		"null start":           {`{"StartAt":null,"States":{"A":{"Type":"Succeed"}}}`, "a string, not null"},
		"start is no state":    {`{"StartAt":"B","States":{"A":{"Type":"Succeed"}}}`, `names "B"`},
		"dangling next":        {machine(`"A":{"Type":"Wait","Seconds":1,"Next":"B"}`), `leads to "B"`},
		"dangling default":     {machine(`"A":{"Type":"Choice","Default":"B","Choices":[{"Variable":"$","IsPresent":true,"Next":"Z"}]}` + end), `leads to "B"`},
		"dangling rule":        {rule(`"Variable":"$","IsPresent":true,"Next":"B"`), `leads to "B"`},
		"dangling catch":       {machine(`"A":{` + task + `,"Catch":[{"Next":"B","ErrorEquals":["States.ALL"]}]}` + end), `leads to "B"`},
		"unreachable":          {machine(`"A":{"Type":"Succeed"}` + end), `"Z" is reached from nowhere`},
		"unreachable circle":   {machine(`"A":{"Type":"Succeed"},"B":{"Type":"Wait","Seconds":1,"Next":"C"},"C":{"Type":"Wait","Seconds":1,"Next":"B"}`), `"B" is reached from nowhere`},
		"state twice":          {machine(`"A":{"Type":"Succeed"},"A":{"Type":"Succeed"}`), `"A" twice`},
		"long name":            {`{"StartAt":"A","States":{"` + strings.Repeat("é", 81) + `":{"Type":"Succeed"}}}`, "81 characters"},
		"empty name":           {`{"StartAt":"A","States":{"":{"Type":"Succeed"}}}`, "0 characters"},
		"unknown type":         {machine(`"A":{"Type":"Parallel"}`), `"Parallel"`},
		"lower case field":     {machine(`"A":{"type":"Succeed"}`), `lacks the field "Type"`},
		"lower case twin":      {machine(`"A":{"Type":"Wait","Seconds":1,"Next":"Z","next":"A"}` + end), `"next"`},
		"unknown state field":  {machine(`"A":{"Type":"Succeed","OutputPath":"$"}`), `"OutputPath"`},
		"comment no string":    {machine(`"A":{"Type":"Succeed","Comment":1}`), `"Comment" must be a string`},

		"task without timeout":  {machine(`"A":{"Type":"Task","Resource":"r","Next":"Z"}` + end), `"TimeoutSeconds"`},
		"task without resource": {machine(`"A":{"Type":"Task","TimeoutSeconds":1,"Next":"Z"}` + end), `"Resource"`},
		"task timeout fraction": {machine(`"A":{"Type":"Task","Resource":"r","TimeoutSeconds":1.5,"Next":"Z"}` + end), "whole number"},
		"task with End":         {machine(`"A":{` + task + `,"End":true}` + end), `"End"`},
		"task with heartbeat":   {machine(`"A":{` + task + `,"HeartbeatSeconds":1}` + end), `"HeartbeatSeconds"`},
		"deep result path":      {machine(`"A":{` + task + `,"ResultPath":"$.a.b"}` + end), "null, $ or $.name"},
		"result into context":   {machine(`"A":{` + task + `,"ResultPath":"$$.a"}` + end), "null, $ or $.name"},

		"wait without time":   {machine(`"A":{"Type":"Wait","Next":"Z"}` + end), `"Seconds"`},
		"wait with both":      {machine(`"A":{"Type":"Wait","Seconds":1,"SecondsPath":"$.a","Next":"Z"}` + end), `"Seconds"`},
		"wait for a negative": {machine(`"A":{"Type":"Wait","Seconds":-1,"Next":"Z"}` + end), "from 0 to"},
		"wait for a stamp":    {machine(`"A":{"Type":"Wait","Timestamp":"2030-01-01T00:00:00Z","Next":"Z"}` + end), `"Seconds"`},
		"fail without error":  {machine(`"A":{"Type":"Fail","Cause":"c"}`), `"Error"`},
		"fail without cause":  {machine(`"A":{"Type":"Fail","Error":"e"}`), `"Cause"`},
		"fail with both":      {machine(`"A":{"Type":"Fail","Error":"e","Cause":"c","CausePath":"$.c"}`), `"Cause"`},

		"choice without default": {machine(`"A":{"Type":"Choice","Choices":[{"Variable":"$","IsPresent":true,"Next":"Z"}]}` + end), `"Default"`},
		"choice without rules":   {machine(`"A":{"Type":"Choice","Default":"Z","Choices":[]}` + end), "must not be empty"},
		"rule without test":      {rule(`"Variable":"$.a","Next":"Z"`), "no test"},
		"rule with other test":   {rule(`"Variable":"$.a","NumericEquals":1,"Next":"Z"`), "no test"},
		"rule with two tests":    {rule(`"Variable":"$.a","IsPresent":true,"StringEquals":"x","Next":"Z"`), `"StringEquals"`},
		"rule without variable":  {rule(`"StringEquals":"x","Next":"Z"`), `"Variable"`},
		"rule without next":      {rule(`"Variable":"$.a","StringEquals":"x"`), `"Next"`},
		"rule on number":         {rule(`"Variable":"$.a","StringEquals":1,"Next":"Z"`), "a string, not 1"},
		"present is no bool":     {rule(`"Variable":"$.a","IsPresent":"yes","Next":"Z"`), "true or false"},
		"or":                     {rule(`"Or":[{"Variable":"$.a","IsPresent":true}],"Next":"Z"`), `"Variable"`},
		"empty and":              {rule(`"And":[],"Next":"Z"`), "must not be empty"},
		"and with next inside":   {rule(`"And":[{"Variable":"$.a","IsPresent":true,"Next":"Z"}],"Next":"Z"`), `"Next"`},
		"path with index":        {rule(`"Variable":"$.a[0]","IsPresent":true,"Next":"Z"`), "$.a[0]"},
		"path with bracket":      {rule(`"Variable":"$['a']","IsPresent":true,"Next":"Z"`), "$['a']"},
		"path with descent":      {rule(`"Variable":"$..a","IsPresent":true,"Next":"Z"`), "$..a"},

		"retry without errors":       {retrier(`"MaxAttempts":1`), `"ErrorEquals"`},
		"retry with no error":        {retrier(`"ErrorEquals":[]`), "must not be empty"},
		"retry with empty error":     {retrier(`"ErrorEquals":[""]`), "empty name"},
		"retry with error twice":     {retrier(`"ErrorEquals":["X","X"]`), "twice"},
		"retry ALL in company":       {retrier(`"ErrorEquals":["States.ALL","X"]`), "alone"},
		"retry ALL not last":         {retrier(`"ErrorEquals":["States.ALL"]},{"ErrorEquals":["X"]`), "last"},
		"retry runtime":              {retrier(`"ErrorEquals":["States.Runtime"]`), "nothing can catch"},
		"retry data limit":           {retrier(`"ErrorEquals":["States.DataLimitExceeded"]`), "nothing can catch"},
		"retry unknown States name":  {retrier(`"ErrorEquals":["States.Nope"]`), "nothing can catch"},
		"retry interval zero":        {retrier(`"ErrorEquals":["X"],"IntervalSeconds":0`), "from 1"},
		"retry attempts negative":    {retrier(`"ErrorEquals":["X"],"MaxAttempts":-1`), "from 0"},
		"retry rate below one":       {retrier(`"ErrorEquals":["X"],"BackoffRate":0.5`), "at least 1"},
		"retry rate null":            {retrier(`"ErrorEquals":["X"],"BackoffRate":null`), "a number, not null"},
		"retry most below interval":  {retrier(`"ErrorEquals":["X"],"IntervalSeconds":5,"MaxDelaySeconds":4`), "below IntervalSeconds"},
		"retry jitter unknown":       {retrier(`"ErrorEquals":["X"],"JitterStrategy":"HALF"`), "FULL or NONE"},
		"retry unknown field":        {retrier(`"ErrorEquals":["X"],"Intervall":1`), `"Intervall"`},
		"catch runtime":              {catcher(`"ErrorEquals":["States.Runtime"]`), "nothing can catch"},
		"catch ALL not last":         {catcher(`"ErrorEquals":["States.ALL"]},{"Next":"Z","ErrorEquals":["X"]`), "last"},
		"catch unknown field":        {catcher(`"ErrorEquals":["X"],"Assign":{}`), `"Assign"`},
		"parameters no object":       {machine(`"A":{` + task + `,"Parameters":[]}` + end), "must be a JSON object"},
		"parameters both":            {parameters(`"a":1,"a.$":"$"`), `both "a" and "a.$"`},
		"parameters not a string":    {parameters(`"a.$":1`), "a string, not 1"},
		"parameters no path":         {parameters(`"a.$":"b"`), "not an expression"},
		"parameters empty":           {parameters(`"a.$":""`), "not an expression"},
		"parameters trailing":        {parameters(`"a.$":"$.a b"`), "is followed by"},
		"parameters nested":          {parameters(`"b":{"c":[{"a.$":"b"}]}`), "not an expression"},
		"context unknown":            {parameters(`"a.$":"$$.Task.Token"`), "$$.Task.Token"},
		"context into input":         {parameters(`"a.$":"$$.Execution.Input.x"`), "$$.Execution.Input.x"},
		"intrinsic unknown":          {parameters(`"a.$":"States.UUID()"`), "not an expression"},
		"intrinsic unknown with arg": {parameters(`"a.$":"States.Hash($,'MD5')"`), "States.Hash"},
		"intrinsic open":             {parameters(`"a.$":"States.JsonToString($"`), "closing bracket"},
		"intrinsic open quote":       {parameters(`"a.$":"States.Format('x"`), "closing quote"},
		"intrinsic two arguments":    {parameters(`"a.$":"States.JsonToString($,$)"`), "takes one"},
		"intrinsic too deep":         {parameters(`"a.$":"` + strings.Repeat("States.JsonToString(", 12) + `$` + strings.Repeat(")", 12) + `"`), "deeper"},
		"format too few":             {parameters(`"a.$":"States.Format('{} {}', $)"`), "2 {} but 1"},
		"format too many":            {parameters(`"a.$":"States.Format('{}', $, $)"`), "1 {} but 2"},
		"format template a path":     {parameters(`"a.$":"States.Format($.t, $)"`), "template"},
		"format lone brace":          {parameters(`"a.$":"States.Format('{ }')"`), "brace"},
		"too large":                  {strings.Repeat(" ", 1<<20+1), "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := asl.Load([]byte(test.text))
			if err == nil {
				t.Fatalf("loaded, with states %v", m.States())
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
		})
	}
}

func TestLoadNamesTheStateAndTheField(t *testing.T) {
	_, err := asl.Load([]byte(machine(`"A":{` + task + `,"Retry":[{"ErrorEquals":["X"]},{"ErrorEquals":["Y"],"MaxAttempts":"3"}]}` + end)))
	want := `asl: state "A" Retry[1] field "MaxAttempts" must be a whole number, not "3"`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestLoadTakesTheReleaseMachine(t *testing.T) {
	m := load(t, string(definition.Release()))
	var states struct{ States map[string]json.RawMessage }
	if err := json.Unmarshal(definition.Release(), &states); err != nil {
		t.Fatal(err)
	}
	if len(m.States()) != len(states.States) {
		t.Errorf("%d states of %d", len(m.States()), len(states.States))
	}
	if got := m.Resource("DeployCanary"); got != "${DeployCanary}" {
		t.Errorf("resource %q", got)
	}
	if got := m.Resource("Verdict?"); got != "" {
		t.Errorf("a Choice has the resource %q", got)
	}
}
