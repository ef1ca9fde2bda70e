package door_test

import (
	"testing"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// A list is given again as long as its elements are the same ones, and never for other elements.
func TestListsAreGivenAgain(t *testing.T) {
	var lists door.Lists[int]
	a, b, c := new(1), new(2), new(3)
	first := lists.Of([]*int{a, b})
	if len(first) != 2 || first[0] != 1 || first[1] != 2 {
		t.Fatalf("got %v", first)
	}
	if again := lists.Of([]*int{a, b}); &again[0] != &first[0] {
		t.Error("the same elements were copied again")
	}
	for _, other := range [][]*int{{b, a}, {a}, {a, b, c}, {a, new(2)}} {
		got := lists.Of(other)
		if len(got) != len(other) || &got[0] == &first[0] {
			t.Errorf("got %v", got)
		}
		for i, e := range other {
			if got[i] != *e {
				t.Errorf("got %v", got)
			}
		}
	}
	if none := lists.Of(nil); none == nil || len(none) != 0 {
		t.Errorf("got %v of nothing", none)
	}
}
