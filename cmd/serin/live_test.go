package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/serin-aws/serin/internal/screen"
)

// played returns the live view of a rehearsal that has not begun.
func played(t *testing.T, frame time.Duration) playing {
	t.Helper()
	r := rehearse{target: example, scenario: folder + "bad.yaml"}
	plan, _, err := r.plan(nil)
	if err != nil {
		t.Fatal(err)
	}
	run, err := plan.Start(1, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	return playing{ctx: context.Background(), run: run, frame: frame, Model: screen.NewModel(false, "")}
}

// Frame by frame or in one, the view ends with the outcome on the screen.
func TestTheLiveViewEndsWithTheOutcome(t *testing.T) {
	for frame, least := range map[time.Duration]int{30 * time.Second: 10, 100 * time.Hour: 2} {
		var view tea.Model = played(t, frame)
		frames := 0
		for ended := false; !ended; frames++ {
			view, _ = view.Update(tick{})
			p := view.(playing)
			ended = p.run.Over() && strings.Contains(p.Text(), "Rolled back")
			if frames > 1000 || p.err != nil {
				t.Fatalf("after %d frames of %s: %v\n%s", frames, frame, p.err, p.Text())
			}
		}
		if frames < least || frames > 5*least {
			t.Errorf("%d frames of %s", frames, frame)
		}
	}
}

func TestKeysOfTheLiveView(t *testing.T) {
	p := played(t, time.Minute)
	left, command := p.Update(tea.KeyPressMsg{Code: 'q', Text: "q"})
	if err := left.(playing).end(); command == nil || err != nil {
		t.Errorf("q: %v", err)
	}
	if err := p.end(); !errors.Is(err, errStopped) {
		t.Errorf("a signal: %v", err)
	}
	stopped, command := p.Update(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
	if err := stopped.(playing).end(); command == nil || !errors.Is(err, errStopped) || exitCode(err) != exitStopped {
		t.Errorf("Ctrl-C: %v", err)
	}
}
