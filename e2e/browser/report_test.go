//go:build browser

package browser

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/serin-aws/serin/internal/report"
	"github.com/serin-aws/serin/internal/story"
	"github.com/serin-aws/serin/internal/story/storytest"
)

// written writes the reports and returns their paths by name.
func written(t *testing.T) map[string]string {
	t.Helper()
	if err := os.MkdirAll(screens, 0o755); err != nil {
		t.Fatal(err)
	}
	stories := map[string]story.Story{
		"good": storytest.Good().Story(), "bad": storytest.Bad().Story(), "held": storytest.Held().Story(),
		"hostile": storytest.Hostile().Story(), "refused": storytest.Refused(),
	}
	files := map[string]string{}
	for name, s := range stories {
		path := filepath.Join(t.TempDir(), name+".html")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := report.Write(file, s); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		files[name] = path
	}
	return files
}

var everyScreen = []screen{{360, "light"}, {360, "dark"}, {1400, "light"}, {1400, "dark"}}

func TestReports(t *testing.T) {
	files := written(t)
	tab := browser(t)
	seen := watch(tab, t)
	for _, name := range []string{"good", "bad", "held", "hostile", "refused"} {
		for _, s := range everyScreen {
			t.Run(name+"-"+s.String(), func(t *testing.T) {
				open(tab, t, files[name], s)
				fits(tab, t, s)
				readable(tab, t, s)
				if name != "refused" {
					drawn(tab, t)
					follows(tab, t)
				}
				untouched(tab, t)
				for _, trouble := range seen.take() {
					t.Error(trouble)
				}
			})
		}
	}
}

// fits checks that nothing sticks out of the page sideways.
func fits(tab context.Context, t *testing.T, s screen) {
	t.Helper()
	if width := ask[int64](tab, t, `document.documentElement.scrollWidth`); width > s.width {
		t.Errorf("the page is %d pixels wide on a screen of %d", width, s.width)
	}
	const outside = `[...document.querySelectorAll("h1,h2,h3,p,dt,dd,summary,figure,svg.plot,svg.drawing")]
		.filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + " " + e.textContent.slice(0, 40))`
	if elements := ask[[]string](tab, t, outside); len(elements) > 0 {
		t.Errorf("stick out at the right: %q", elements)
	}
}

// readable checks the colours of the scheme, the contrast of all text (WCAG AA: 4.5) and its size.
func readable(tab context.Context, t *testing.T, s screen) {
	t.Helper()
	const luminance = `(() => {
		window.__lum = (colour) => {
			const [r, g, b] = colour.match(/[\d.]+/g).map(Number).map((v) => v / 255)
				.map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
			return 0.2126 * r + 0.7152 * g + 0.0722 * b;
		};
		return __lum(getComputedStyle(document.body).backgroundColor);
	})()`
	light := ask[float64](tab, t, luminance)
	if dark := s.scheme == "dark"; dark && light > 0.1 || !dark && light < 0.8 {
		t.Errorf("the page's luminance is %.2f in the scheme %s", light, s.scheme)
	}
	const faint = `[...document.querySelectorAll("h1,h2,h3,p,dt,dd,li,td,th,summary,svg.plot text,svg.gutter text,svg.ticks text")].filter((e) => {
		if (!e.textContent.trim() || !e.getClientRects().length) return false;
		const style = getComputedStyle(e), ground = __lum(getComputedStyle(document.body).backgroundColor);
		const ink = __lum(e instanceof SVGElement ? style.fill : style.color);
		return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05) < 4.5;
	}).map((e) => e.tagName + " " + e.textContent.slice(0, 40))`
	if texts := ask[[]string](tab, t, faint); len(texts) > 0 {
		t.Errorf("too faint: %q", texts)
	}
	const small = `[...document.querySelectorAll("p,dt,dd,li,td,th,summary,text")].filter((e) => {
		const scale = e instanceof SVGElement ? e.getScreenCTM().a : 1;
		return e.textContent.trim() && e.getClientRects().length && parseFloat(getComputedStyle(e).fontSize) * scale < 9;
	}).map((e) => e.textContent.slice(0, 40))`
	if texts := ask[[]string](tab, t, small); len(texts) > 0 {
		t.Errorf("too small: %q", texts)
	}
}

// drawn checks that the plots are there, have a size, hold marks, say what they show, and share one time axis.
func drawn(tab context.Context, t *testing.T) {
	t.Helper()
	ids := ask[[]string](tab, t, `[...document.querySelectorAll("figure")].map((f) => f.id || f.className)`)
	for _, id := range []string{"share", "queue-0", "queue-1", "calls", "lanes"} {
		if !slices.Contains(ids, id) {
			t.Errorf("no plot %s among %q", id, ids)
		}
	}
	const empty = `[...document.querySelectorAll("svg.plot")].filter((svg) => {
		const box = svg.getBoundingClientRect();
		return box.width < 200 || box.height < 15 || !svg.querySelector("rect:not(.hit),circle,line:not(.cursor):not(.grid)") || !svg.getAttribute("aria-label");
	}).map((svg) => svg.getAttribute("aria-label") || svg.outerHTML.slice(0, 60))`
	if plots := ask[[]string](tab, t, empty); len(plots) > 0 {
		t.Errorf("plots without content: %q", plots)
	}
	const edges = `new Set([...document.querySelectorAll(".time svg.plot, .time svg.ticks")]
		.map((svg) => svg.getBoundingClientRect()).map((box) => Math.round(box.left) + " to " + Math.round(box.right))).size`
	if n := ask[int](tab, t, edges); n != 1 {
		t.Errorf("the plots have %d time axes", n)
	}
	if states := ask[int](tab, t, `document.querySelectorAll(".drawing .state.visited").length`); states < 4 {
		t.Errorf("%d states of the machine are marked as visited", states)
	}
}

// follows checks that the pointer is followed in every plot.
func follows(tab context.Context, t *testing.T) {
	t.Helper()
	type point struct{ X, Y float64 }
	at := ask[point](tab, t, `(() => { const svg = document.querySelector("#share svg.plot"); svg.scrollIntoView({block: "center"});
		const box = svg.getBoundingClientRect(); return {X: box.left + box.width * 0.6, Y: box.top + box.height / 2}; })()`)
	if err := chromedp.Do(tab, chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, at.X, at.Y)); err != nil {
		t.Fatal(err)
	}
	if said := ask[string](tab, t, `document.querySelector("#share output").textContent`); said == "" {
		t.Error("the band says nothing about where the pointer is")
	}
	if x := ask[string](tab, t, `document.querySelector("#queue-0 .cursor").getAttribute("x1")`); x == "-9" {
		t.Error("the other plots do not follow")
	}
}

// untouched checks that no name became a part of the page.
func untouched(tab context.Context, t *testing.T) {
	t.Helper()
	if scripts := ask[int](tab, t, `document.querySelectorAll("script").length`); scripts != 1 {
		t.Errorf("%d scripts", scripts)
	}
	if foreign := ask[int](tab, t, `document.querySelectorAll("img,iframe,object,embed,form,base,a,b").length`); foreign != 0 {
		t.Errorf("%d elements that no report has", foreign)
	}
	if title := ask[string](tab, t, `document.title`); title == "broken" {
		t.Error("a name's script ran")
	}
}

// A page whose script may not run is complete.
func TestReportsWithoutScript(t *testing.T) {
	files := written(t)
	tab := browser(t)
	tell(tab, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	open(tab, t, files["bad"], screen{1400, "light"})
	sentence, err := chromedp.Run(tab, chromedp.TextContent(chromedp.CSS(".sentence")))
	if err != nil {
		t.Fatal(err)
	}
	if sentence != storytest.Bad().Story().Sentence {
		t.Errorf("the page says %q", sentence)
	}
}

// The watch must be able to see: a page that does everything wrong is caught.
func TestTroublesAreSeen(t *testing.T) {
	if err := os.MkdirAll(screens, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "wrong.html")
	const wrong = `<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; img-src *">
		<p style="color:red">x</p><img src="https://example.com/x.png"><script>console.log("x"); throw new Error("x")</script>`
	if err := os.WriteFile(file, []byte(wrong), 0o644); err != nil {
		t.Fatal(err)
	}
	tab := browser(t)
	seen := watch(tab, t)
	open(tab, t, file, screen{360, "light"})
	said := seen.take()
	for _, kind := range []string{"exception: ", "console: ", "log: ", "request: https://example.com"} {
		if !slices.ContainsFunc(said, func(s string) bool { return len(s) >= len(kind) && s[:len(kind)] == kind }) {
			t.Errorf("no %q in %q", kind, said)
		}
	}
}
