package remote

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/serin-aws/serin/internal/release"
)

func TestChanges(t *testing.T) {
	before := `{"name":"a","plan":{"steps":[{"weight":10,"bake":"10m"},{"weight":25,"bake":"10m"}]},"checks":{"alarms":["x","y"]},"notify":"arn:a"}`
	after := `{"name":"a","plan":{"steps":[{"weight":10,"bake":"15m"}]},"checks":{"alarms":["y","z"],"margin":1.5}}`
	found, err := changes([]byte(before), []byte(after))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range found {
		got = append(got, fmt.Sprintf("%s %s>%s", c.Path, c.From, c.To))
	}
	want := []string{`checks.alarms >"z"`, `checks.alarms "x">`, `checks.margin >1.5`, `notify "arn:a">`, `plan.steps[0].bake "10m">"15m"`, `plan.steps[1].bake "10m">`, `plan.steps[1].weight 25>`}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What is compared with itself has not changed; what goes one way comes back the other way.
func TestChangesThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		left, right := written(t, value(t, 3)), written(t, value(t, 3))
		if same, err := changes(left, left); err != nil || len(same) > 0 {
			t.Fatalf("%s changed into itself: %v, %v", left, same, err)
		}
		there, err := changes(left, right)
		back, errBack := changes(right, left)
		if err != nil || errBack != nil || len(there) != len(back) {
			t.Fatalf("%s -> %s: %d changes (%v), and %d back (%v)", left, right, len(there), err, len(back), errBack)
		}
	})
}

// value draws a document.
func value(t *rapid.T, depth int) any {
	switch kind := rapid.IntRange(0, 4).Draw(t, "kind"); {
	case kind == 0 && depth > 0:
		fields := map[string]any{}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 3, rapid.ID).Draw(t, "names") {
			fields[name] = value(t, depth-1)
		}
		return fields
	case kind == 1 && depth > 0:
		elements := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			elements = append(elements, value(t, depth-1))
		}
		return elements
	case kind == 2:
		return rapid.SampledFrom([]string{"x", "y", ""}).Draw(t, "text")
	case kind == 3:
		return nil
	}
	return rapid.IntRange(0, 3).Draw(t, "number")
}

func written(t *rapid.T, document any) json.RawMessage {
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A chain that verifies has nothing wrong with it, and the place of what is wrong is where it breaks.
func TestDiagnose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := chain(rapid.IntRange(1, 8).Draw(t, "events"))
		head := events[len(events)-1].Hash
		i := rapid.IntRange(0, len(events)-1).Draw(t, "which")
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 0:
			events[i].Text += "!"
		case 1:
			events = append(events[:i:i], events[i+1:]...)
		case 2:
			events[i].Text += "!"
			events[i].Hash = events[i].Sum() // a change by somebody who knows the rules
		}
		broken, ok := release.VerifyChain(events, head)
		if ok {
			t.Fatal("nobody saw it")
		}
		if diagnose(events, broken) == "" {
			t.Fatalf("nothing is said of event %d", broken)
		}
	})
}

// chain is a story of so many events.
func chain(n int) []release.Event {
	var events []release.Event
	prev := ""
	for i := range n {
		e := release.Event{Seq: int64(i + 1), Kind: release.EventPhase, Text: fmt.Sprint("event ", i), Prev: prev}
		e.Hash = e.Sum()
		prev = e.Hash
		events = append(events, e)
	}
	return events
}
