//go:build interpreters

package interpreters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// comparison is what one interpreter can be asked.
type comparison struct {
	times bool // it has a clock that can be compared
	// names are errors that it calls otherwise: by the name that AWS documents, its own.
	names map[string]string
}

// difference says how two traces differ, or nothing.
func (c comparison) difference(got, want trace) string {
	if !slices.Equal(got.Path, want.Path) {
		return fmt.Sprintf("path\n  got  %v\n  want %v", got.Path, want.Path)
	}
	if len(got.Calls) != len(want.Calls) {
		return fmt.Sprintf("got %d calls, want %d", len(got.Calls), len(want.Calls))
	}
	for i := range got.Calls {
		g, w := got.Calls[i], want.Calls[i]
		if g.State != w.State || !same(g.Input, w.Input) {
			return fmt.Sprintf("call %d\n  got  %s %s\n  want %s %s", i+1, g.State, g.Input, w.State, w.Input)
		}
		if c.times && g.At != w.At {
			return fmt.Sprintf("call %d of %s: got it after %v s, want %v s", i+1, g.State, g.At, w.At)
		}
	}
	if got.Status != want.Status || got.Error != want.Error && got.Error != c.names[want.Error] {
		return fmt.Sprintf("end\n  got  %s %s: %s\n  want %s %s: %s", got.Status, got.Error, got.Cause, want.Status, want.Error, want.Cause)
	}
	// Behind an error of the interpreter's own there is a cause of its own: AWS documents no texts.
	if got.Cause != want.Cause && !strings.HasPrefix(want.Error, "States.") {
		return fmt.Sprintf("cause\n  got  %s\n  want %s", got.Cause, want.Cause)
	}
	if (got.Status == "SUCCEEDED" || want.Status == "SUCCEEDED") && !same(got.Output, want.Output) {
		return fmt.Sprintf("output\n  got  %s\n  want %s", got.Output, want.Output)
	}
	if c.times && got.At != want.At {
		return fmt.Sprintf("end after %v s, want %v s", got.At, want.At)
	}
	return ""
}

// same compares two JSON texts by what they mean.
func same(a, b json.RawMessage) bool { return reflect.DeepEqual(meaning(a), meaning(b)) }

func meaning(text json.RawMessage) any {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return string(text)
	}
	if call, ok := value.(map[string]any); ok {
		forgetEntered(call)
		readMessage(call)
	}
	return value
}

// forgetEntered blanks the time at which MarkDirty was entered: a real clock's in the one, a virtual one's in the other.
func forgetEntered(call map[string]any) {
	item, _ := call["Item"].(map[string]any)
	if at, ok := item["at"].(map[string]any); ok {
		at["S"] = ""
	}
}

// readMessage reads the JSON at the end of CallPerson's message and inside MarkDirty's item: the order of its fields
// means nothing.
func readMessage(call map[string]any) {
	const lastKnown = "Last known: "
	if text, ok := call["Message"].(string); ok {
		before, after, _ := strings.Cut(text, lastKnown)
		call["Message"], call["LastKnown"] = before, meaning(json.RawMessage(after))
	}
	item, _ := call["Item"].(map[string]any)
	if input, ok := item["input"].(map[string]any); ok {
		input["S"] = meaning(json.RawMessage(input["S"].(string)))
	}
}
