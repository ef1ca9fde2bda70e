package screen

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/serin-aws/serin/internal/release"
	"github.com/serin-aws/serin/internal/story"
)

// Narrowest is the width below which the view is cut off at the right.
const Narrowest = 60

const margin = 12 // cells of the names at the left

const (
	usual  = 40 // the height of a view whose terminal's is not known
	fewest = 4  // lines of events that there are always
	scant  = 2  // the same where height is short
)

// View returns the live view of a release at a time, in at most width columns. It answers in this order: what serves
// now, is it all right, what happens next and when; then what happened.
func View(s story.Story, now time.Time, width int, colour bool) string {
	return draw(s, now, width, usual, colour)
}

// draw draws a view that leaves out early events rather than being higher than height, and empty lines, who started it
// and all but the first alarms where that is not enough.
func draw(s story.Story, now time.Time, width, height int, colour bool) string {
	v := view{s: &s, now: now, width: max(Narrowest, width), height: height, palette: newPalette(colour)}
	v.all()
	if len(v.lines) > height {
		v.short, v.lines = true, nil
		v.all()
	}
	for i, line := range v.lines {
		v.lines[i] = strings.TrimRight(fit(line, v.width), " ")
	}
	return strings.Join(v.lines, "\n") + "\n"
}

func (v *view) all() {
	v.head()
	if v.s.Release.ID != "" {
		v.work()
		v.failures()
		v.queue()
		v.alarms()
		v.verdict()
		v.missing()
		v.plan()
	}
	v.actions()
	v.events()
	for len(v.lines) > 0 && v.lines[len(v.lines)-1] == "" {
		v.lines = v.lines[:len(v.lines)-1]
	}
}

type view struct {
	palette
	s      *story.Story
	now    time.Time
	width  int
	height int
	short  bool // of height
	lines  []string
}

func (v *view) add(line string) { v.lines = append(v.lines, line) }

// gap adds an empty line where there is room.
func (v *view) gap() {
	if !v.short {
		v.add("")
	}
}

// row adds a line with a name at the left; further lines stand below without one.
func (v *view) row(name string, lines ...string) {
	for _, line := range lines {
		v.add(pad("  "+v.muted.Render(name), margin) + line)
		name = ""
	}
}

// spread adds a line with a text at each end, or two where they do not fit.
func (v *view) spread(left, right string) {
	gap := v.width - ansi.StringWidth(left) - ansi.StringWidth(right)
	if gap >= 2 {
		v.add(left + strings.Repeat(" ", gap) + right)
		return
	}
	for _, text := range []string{left, right} {
		if text != "" {
			v.add(text)
		}
	}
}

func (v *view) head() {
	v.title()
	if v.s.Over() || v.s.Release.ID == "" {
		sign, style := v.outcome(v.s.Outcome)
		v.add(style.Render(sign + " " + story.Headline(v.s.Outcome)))
		for _, line := range wrap(v.s.Sentence, v.width-2) {
			v.add("  " + line)
		}
	} else {
		v.stands()
		v.row("serves", wrap(v.s.Serves, v.width-margin)...)
	}
	v.gap()
}

// stands says where the release is in its plan, and what happens next.
func (v *view) stands() {
	left, lines := v.old.Render(standing(v.s)), wrap(Next(*v.s, v.now), v.width)
	if len(lines) == 1 {
		v.spread(left, v.muted.Render(lines[0]))
		return
	}
	v.add(left)
	for _, line := range lines {
		v.add(v.muted.Render(line))
	}
}

// title says what is released in place of what, and who started it when.
func (v *view) title() {
	r := &v.s.Release
	left, what := v.strong.Render(string(r.Target.Name)), story.Plain(r.Revision.String())
	if r.ID != "" {
		left += "  " + v.muted.Render(string(r.ID))
	}
	if r.Baseline.Serves != "" {
		what = story.Plain(story.Short(r.Baseline.Serves)) + " -> " + what
	}
	started := v.muted.Render("started " + story.On(r.Opened, v.now) + " UTC by " + story.Plain(release.Person(cmp.Or(r.Request.StartedBy, "unknown"))))
	if v.short {
		started = ""
	}
	if one := left + "  " + what; ansi.StringWidth(one) <= v.width {
		v.spread(one, started)
		return
	}
	v.add(left)
	v.spread(what, started)
}

// work shows how much both versions have done since the canary started.
func (v *view) work() {
	c := compare(v.s)
	all := c.canary.Units + c.primary.Units
	if all == 0 {
		v.row("work", v.muted.Render("none of the canary yet"))
		return
	}
	noun := v.s.Release.Target.Platform.Units()
	cells := min(40, v.width-margin-9-10-22)
	line := func(name string, style lipgloss.Style, arm release.Arm) string {
		share := float64(arm.Units) / float64(all)
		return fmt.Sprintf("%s%s %s %s %s", style.Render(pad(name, 9)), style.Render(bar(share, cells)), flush(story.Percent(share), 7), flush(release.Count(arm.Units), 11), noun)
	}
	v.row("work", line("canary", v.fresh, c.canary), line("primary", v.old, c.primary))
}

// failures shows the rates and how they came about, and what the judge makes of them.
func (v *view) failures() {
	c := compare(v.s)
	if c.canary.Units+c.primary.Units == 0 {
		return
	}
	top := 0.0
	for i := range c.canaryRates {
		top = max(top, c.canaryRates[i], c.primaryRates[i])
	}
	one := func(name string, style lipgloss.Style, arm release.Arm, rates []float64) string {
		return style.Render(pad(name, 9)) + flush(story.Percent(arm.Rate()), 7) + " " + style.Render(spark(rates, top))
	}
	v.row(v.counted(), one("canary", v.fresh, c.canary, c.canaryRates), one("primary", v.old, c.primary, c.primaryRates))
	if c.ratio != "" {
		v.row("", c.ratio)
	}
	if c.threshold > 0 {
		v.row("evidence", fmt.Sprintf("e-value %s; rolls back at %s", story.Decimal(c.eValue), story.Decimal(c.threshold)))
	}
	v.others()
}

// counted says what the rates of the first comparison are of.
func (v *view) counted() string {
	for _, c := range v.s.Release.Target.Checks.Compare {
		if len(v.s.Judged) > 0 && c.Name == v.s.Judged[0].Name && c.Kind() == release.CompareLatency {
			return "slow"
		}
	}
	return "failures"
}

// others shows in a line each what else is compared.
func (v *view) others() {
	for i, e := range v.s.Judged {
		n := len(e.Points)
		if i == 0 || n == 0 {
			continue
		}
		check := e.Points[n-1].Check
		text := fmt.Sprintf("e-value %s; rolls back at %s", story.Decimal(check.EValue), story.Decimal(check.Threshold))
		if check.Canary.Failed+check.Baseline.Failed > 0 {
			text = fmt.Sprintf("canary %s, primary %s; ", story.Percent(check.Canary.Rate()), story.Percent(check.Baseline.Rate())) + text
		}
		v.row("and", story.Plain(e.Name)+" "+text)
	}
}

func (v *view) queue() {
	cells := min(sparkCells, (v.width-margin-40)/2)
	var parts []string
	for _, one := range v.s.Queue {
		n := len(one.Points)
		if n == 0 {
			continue
		}
		var values []float64
		top := 0.0
		for _, point := range one.Points[max(0, n-cells):] {
			values = append(values, point.Value)
			top = max(top, point.Value)
		}
		value := release.Count(int64(one.Points[n-1].Value))
		if one.Unit == "s" {
			value = story.Length(time.Duration(one.Points[n-1].Value * float64(time.Second)))
			parts = append(parts, "oldest "+value+" "+v.old.Render(spark(values, top)))
			continue
		}
		parts = append(parts, value+" waiting "+v.old.Render(spark(values, top)))
	}
	if len(parts) > 0 {
		v.row("queue", strings.Join(parts, "   "))
	}
}

// verdict says what the judge says, and what was decided. What stands above already is not said again.
func (v *view) verdict() {
	look, ok := v.s.LastLook()
	d := v.s.Release.Decision
	text := look.Judgement.Sentence
	var lines []string
	if ok {
		sign, word, style := v.palette.verdict(look.Judgement.Verdict)
		lines = append(lines, style.Render(sign+" "+word))
	}
	switch {
	case d.Next == release.NextRollback:
		text = d.Sentence
		back := v.fail.Render("rolling back") + " since "
		if v.s.Over() || v.s.Release.Home {
			back = "rolled back, decided at "
		}
		lines = append(lines, back+story.On(d.At, v.now))
	case d.Next == release.NextPromote:
		lines = append(lines, "promoted at "+story.On(d.At, v.now))
	case !ok:
		return
	}
	if one := strings.Join(lines, "  "); ansi.StringWidth(one) <= v.width-margin {
		lines = []string{one}
	}
	if text = story.Short(text); !v.s.Over() || !strings.Contains(v.s.Sentence, text) {
		lines = append(lines, wrap(text, v.width-margin)...)
	}
	v.row("verdict", lines...)
}

func (v *view) plan() {
	if v.s.Release.Phase == release.RollingBack || v.s.Release.Home {
		return // on the way home there is no plan to fulfil
	}
	share := progress(v.s, v.now)
	text := planText(v.s)
	cells := min(30, v.width-margin-7-ansi.StringWidth(text))
	done := flush(fmt.Sprintf("%d %%", int(100*share)), 6)
	if cells >= 8 {
		v.row("plan", v.old.Render(bar(share, cells))+done+" "+v.muted.Render(text))
		return
	}
	lines := []string{v.old.Render(bar(share, 30)) + done} // a plan of many steps has lines of its own
	for _, line := range wrap(text, v.width-margin) {
		lines = append(lines, v.muted.Render(line))
	}
	v.row("plan", lines...)
}

// actions says what a person can do. In a rehearsal there is nobody to do it.
func (v *view) actions() {
	if v.s.Rehearsed != nil {
		return
	}
	var lines []string
	for _, action := range Actions(*v.s) {
		command := story.Plain(story.Short(action.Command))
		if line := command + "   " + action.What; ansi.StringWidth(line) <= v.width-margin {
			lines = append(lines, command+"   "+v.muted.Render(action.What))
		} else {
			lines = append(lines, commandLines(command, v.width-margin)...)
			if !v.short {
				lines = append(lines, v.muted.Render("  "+action.What))
			}
		}
	}
	v.row("you can", lines...)
}

// commandLines breaks a command so that a shell takes it as one when it is copied.
func commandLines(command string, width int) []string {
	lines := wrap(command, width-2)
	for i := range lines[:len(lines)-1] {
		lines[i] += " \\"
	}
	return lines
}

// missing says what could not be read.
func (v *view) missing() {
	for _, text := range v.s.Missing {
		if !v.short {
			v.row("missing", wrap(text, v.width-margin)...)
		}
	}
}

// events lists what happened, the latest ones where there are many.
func (v *view) events() {
	var blocks [][]string
	for _, line := range told(v.s) {
		if !line.look { // the view above shows the latest look
			blocks = append(blocks, v.event(line))
		}
	}
	if len(blocks) == 0 {
		return
	}
	left := max(fewest, v.height-len(v.lines)-2) // an empty line and the one that counts earlier events
	if v.short {
		left = max(scant, v.height-len(v.lines))
	}
	first := len(blocks)
	if last := &blocks[first-1]; len(*last) > left {
		*last = (*last)[:left]
	}
	for first > 0 && left >= len(blocks[first-1]) {
		first--
		left -= len(blocks[first])
	}
	v.gap()
	if first > 0 && !v.short {
		v.add(v.muted.Render(fmt.Sprintf("    and %d before", first)))
	}
	for _, block := range blocks[first:] {
		v.lines = append(v.lines, block...)
	}
}

// at writes when something happened, with its day where a release takes longer than one.
func (v *view) at(t time.Time) string {
	if began := v.s.Release.Opened; story.On(began, v.now) != story.Clock(began) {
		return t.UTC().Format("02 Jan 15:04")
	}
	return story.Clock(t)
}

// event returns the lines of one event.
func (v *view) event(line line) []string {
	mark := v.muted.Render(line.sign)
	if line.important {
		_, style := v.outcome(v.s.Outcome)
		mark = style.Render(line.sign)
	}
	head := "  " + mark + " " + v.at(line.at) + " " + pad(line.phase, 12) + " "
	var lines []string
	for _, text := range wrap(line.short(), v.width-ansi.StringWidth(head)) {
		lines = append(lines, head+text)
		head = strings.Repeat(" ", ansi.StringWidth(head))
	}
	return lines
}
