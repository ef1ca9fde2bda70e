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
	const said = "seed 7: serin rehearse --seed 7\n  09:00:00.000  change 4: late by 2s: ecs:UpdateService of promote\n  invariant 6: too late\n"
	if f := read(said, "good", "0.01", 0); f.seed != "7 of good.yaml at 0.01" || f.broken != "invariant 6" {
		t.Errorf("%+v", f)
	}
	if f := read("serin: seed 3: it does not work\n", "good", "0.01", 0); f.seed != "all" || f.broken != "serin: seed 3: it does not work" {
		t.Errorf("%+v", f)
	}
}
