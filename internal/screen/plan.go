package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// progress returns how far the release is in its plan, 0 to 1: bakes and settling by time, everything else counts as
// nothing. A bake that is extended waits at its end.
func progress(s *story.Story, now time.Time) float64 {
	whole := release.Bake(s.Release.Steps) + s.Release.Settle().Std()
	if s.Release.Phase == release.Released || s.Release.Phase == release.Cleaning && !s.Release.Home {
		return 1
	}
	if whole <= 0 {
		return 0
	}
	var done time.Duration
	for i, step := range s.Release.Steps {
		switch {
		case i < s.Release.Step || settling(s.Release.Phase):
			done += step.Bake.Std()
		case i == s.Release.Step && s.Release.Phase == release.Baking:
			done += min(step.Bake.Std(), max(0, now.Sub(s.Release.BakeSince)))
		}
	}
	if s.Release.Phase == release.Settling {
		done += min(s.Release.Settle().Std(), max(0, now.Sub(s.Release.Since)))
	}
	return min(1, float64(done)/float64(whole))
}

func settling(phase release.Phase) bool {
	return phase == release.Promoting || phase == release.Settling || phase == release.Cleaning
}

// planText names the plan's parts and brackets the one that runs.
func planText(s *story.Story) string {
	var parts []string
	for i, step := range s.Release.Steps {
		part := fmt.Sprintf("%d %% %s", step.Weight, step.Bake)
		if step.Approval == release.Required {
			part += " + approval"
		}
		if i == s.Release.Step && (s.Release.Phase == release.Baking || s.Release.Phase == release.Shifting) {
			part = "[" + part + "]"
		}
		parts = append(parts, part)
	}
	if settle := s.Release.Settle(); settle > 0 {
		part := "settle " + settle.String()
		if s.Release.Phase == release.Settling {
			part = "[" + part + "]"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " \u25b8 ")
}

// standing says in which phase and at which weight the release is.
func standing(s *story.Story) string {
	r := &s.Release
	if len(r.Steps) == 0 || r.Phase != release.Shifting && r.Phase != release.Baking {
		return string(r.Phase)
	}
	text := fmt.Sprintf("%s  step %d of %d", r.Phase, min(r.Step+1, len(r.Steps)), len(r.Steps))
	look, ok := s.LastLook()
	if ok {
		seen := story.Percent(float64(look.Weight) / 100)
		if r.Target.Platform == release.PlatformECSQueue {
			seen = fmt.Sprintf("%d of %d tasks = %s", look.Canary.Running, look.Canary.Running+look.Primary.Running, seen)
		} else {
			seen += " of the " + r.Target.Platform.Units()
		}
		text += fmt.Sprintf(" \u00b7 weight %d %% (%s)", story.Step(r).Weight, seen)
	}
	return text
}
