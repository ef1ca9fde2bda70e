package main

import (
	"os"
	"strings"
	"testing"
)

// Every planted bug still has its place: the code that it changes may have moved on.
func TestEveryBugHasItsPlace(t *testing.T) {
	names := map[string]bool{}
	for _, m := range mutants {
		text, err := os.ReadFile("../../" + m.file)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), m.old); n != 1 || m.old == m.bug || names[m.name] {
			t.Errorf("%s: its text stands %d times in %s", m.name, n, m.file)
		}
		names[m.name] = true
	}
	if len(mutants) < 20 {
		t.Errorf("%d bugs are planted", len(mutants))
	}
}

func TestRead(t *testing.T) {
	const said = "seed 7: serin rehearse --seed 7\n  09:00:00.000  change 4: late by 2s: ecs:UpdateService of promote\n  only these: serin rehearse --seed 7\n  invariant 6: too late\n"
	if seed, broken := read(said); seed != 7 || broken != "invariant 6" {
		t.Errorf("%d, %s", seed, broken)
	}
	if seed, broken := read("serin: seed 3: it does not work\n"); seed != 0 || broken != "serin: seed 3: it does not work\n" {
		t.Errorf("%d, %s", seed, broken)
	}
}
