package screen

import (
	"fmt"
	"slices"

	"github.com/charmbracelet/x/ansi"

	"github.com/serin-aws/serin/internal/story"
)

// alarms shows all alarms; where height is short, those that fit into a line, the firing ones first.
func (v *view) alarms() {
	lanes := v.s.Alarms
	if v.short {
		lanes = slices.SortedStableFunc(slices.Values(lanes), func(a, b story.Lane) int { return urgency(a) - urgency(b) })
	}
	var lines []string
	line := ""
	for i, lane := range lanes {
		text := v.alarm(lane)
		room := v.width - margin
		if rest := len(lanes) - i - 1; v.short && rest > 0 {
			room -= len("   and 99 more")
		}
		if line != "" && ansi.StringWidth(line)+3+ansi.StringWidth(text) > room {
			if v.short {
				line += v.muted.Render(fmt.Sprintf("   and %d more", len(lanes)-i))
				break
			}
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += "   "
		}
		line += text
	}
	if line != "" {
		v.row("alarms", append(lines, line)...)
	}
}

// urgency orders alarms: what fires, what is well, what says nothing.
func urgency(lane story.Lane) int {
	if len(lane.States) == 0 {
		return 2
	}
	switch lane.States[len(lane.States)-1].State {
	case story.AlarmFired:
		return 0
	case story.AlarmOK:
		return 1
	}
	return 2
}

func (v *view) alarm(lane story.Lane) string {
	name := story.Plain(lane.Name)
	if len(lane.States) == 0 {
		return v.muted.Render("\u00b7 " + name)
	}
	switch state := lane.States[len(lane.States)-1].State; state {
	case story.AlarmOK:
		return v.pass.Render("\u2714") + " " + name
	case story.AlarmFired:
		return v.fail.Render("\u2716 "+name) + " (ALARM)"
	default:
		return v.muted.Render("\u00b7 " + name + " (" + string(state) + ")")
	}
}
