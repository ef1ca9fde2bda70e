package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/minutes"
	"github.com/serin-aws/serin/internal/release"
)

// history draws so many minutes of both arms, of about so many requests each.
func history(rows, canary, baseline int, canaryRate, baselineRate float64) string {
	random := rand.New(rand.NewPCG(1, 2))
	failed := func(n int, rate float64) (x int) {
		for range n {
			if random.Float64() < rate {
				x++
			}
		}
		return x
	}
	var b strings.Builder
	b.WriteString(minutes.Header + "\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,%d,%d,%d,%d\n", i, canary, failed(canary, canaryRate), baseline, failed(baseline, baselineRate))
	}
	return b.String()
}

// histories are one for each verdict at the end, and one of a canary so broken that no test is needed.
func histories() map[string]string {
	return map[string]string{
		"fail":         history(30, 60, 540, .03, .004),
		"pass":         history(30, 600, 5400, .004, .004),
		"inconclusive": history(20, 6, 54, .004, .004),
		"nodata":       history(3, 0, 540, 0, .004),
		"broken":       history(3, 60, 540, .5, .004),
		"errorfree":    history(10, 60, 540, 0, 0),
	}
}

// verdicts of histories whose names are not their verdicts.
var verdictOf = map[string]string{"broken": "fail", "errorfree": "pass"}

func TestJudgeText(t *testing.T) {
	var all strings.Builder
	for _, name := range []string{"fail", "pass", "inconclusive", "nodata", "broken", "errorfree"} {
		code, out, errOut := call(histories()[name], "judge", "--minutes", "-")
		if code != exitOK || errOut != "" {
			t.Errorf("%s: exit %d, %s", name, code, errOut)
		}
		fmt.Fprintf(&all, "# %s\n%s\n", name, out)
	}
	golden.Text(t, "judge", all.String())
}

// answer is what scripts read.
type answer struct {
	Verdict         string
	DecidedAtMinute *int
	Minutes         []answerMinute
}

type answerMinute struct {
	Minute    json.RawMessage
	E         *float64
	RatioLow  *float64
	RatioHigh *float64
	Verdict   string
}

func judgeJSON(t *testing.T, in string, more ...string) answer {
	t.Helper()
	code, out, errOut := call(in, append([]string{"judge", "--minutes", "-", "-o", "json"}, more...)...)
	if code != exitOK || errOut != "" {
		t.Fatalf("exit %d, %s", code, errOut)
	}
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.DisallowUnknownFields()
	var a answer
	if err := decoder.Decode(&a); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	return a
}

// Scripts rely on these fields: the numbers are the judge's own, row by row.
func TestJudgeJSON(t *testing.T) {
	for name, text := range histories() {
		a := judgeJSON(t, text)
		want := name
		if v, ok := verdictOf[name]; ok {
			want = v
		}
		if a.Verdict != want {
			t.Errorf("%s: the verdict is %s", name, a.Verdict)
		}
		p, err := judge.NewProcess(judge.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		rows := minutes.NewReader("m.csv", strings.NewReader(text))
		for i, got := range a.Minutes {
			row, err := rows.Next()
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Add(row.Minute); err != nil {
				t.Fatal(err)
			}
			interval := p.Interval()
			high := math.Inf(1)
			if got.RatioHigh != nil {
				high = *got.RatioHigh
			}
			if string(got.Minute) != fmt.Sprint(i) || *got.E != math.Exp(p.LogE()) || *got.RatioLow != interval.Low || high != interval.High || got.Verdict != p.Verdict().String() {
				t.Errorf("%s: row %d is %+v", name, i, got)
			}
		}
		if _, err := rows.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %d minutes, and more rows", name, len(a.Minutes))
		}
		first := slices.IndexFunc(a.Minutes, func(m answerMinute) bool { return m.Verdict == "fail" })
		if (a.DecidedAtMinute == nil) != (first < 0) || a.DecidedAtMinute != nil && *a.DecidedAtMinute != first {
			t.Errorf("%s: decided at %v, the first fail is row %d", name, a.DecidedAtMinute, first)
		}
	}
}

// The row is counted, not the minute, and times stay as they were written.
func TestJudgeJSONNamesRowsAndMinutes(t *testing.T) {
	a := judgeJSON(t, minutes.Header+"\n2026-03-02T14:02:00+01:00,0,0,540,2\n2026-03-02T14:10:00+01:00,600,300,5400,20\n")
	if a.DecidedAtMinute == nil || *a.DecidedAtMinute != 1 || string(a.Minutes[1].Minute) != `"2026-03-02T14:10:00+01:00"` || a.Minutes[0].Verdict != "nodata" {
		t.Errorf("got %+v", a)
	}
}

// However much the data say, JSON has a number for it.
func TestJudgeJSONHoldsEveryNumber(t *testing.T) {
	n := "1000000000000000"
	var worse, better strings.Builder
	worse.WriteString(minutes.Header + "\n")
	better.WriteString(minutes.Header + "\n")
	for i := range 300 {
		fmt.Fprintf(&worse, "%d,%s,%s,%s,0\n", i, n, n, n)
		fmt.Fprintf(&better, "%d,%s,0,%s,%s\n", i, n, n, n)
	}
	for name, text := range map[string]string{"worse": worse.String(), "better": better.String()} {
		a := judgeJSON(t, text, "--phi", "1")
		last := a.Minutes[len(a.Minutes)-1]
		if last.E == nil || last.RatioLow == nil || *last.E > 1.01e304 {
			t.Errorf("%s: %+v", name, last)
		}
		if name == "worse" && (last.RatioHigh != nil || *last.E < 0.99e304) {
			t.Errorf("nothing bounds the ratio, and the e-value is beyond measure: %+v", last)
		}
	}
}

// Each option reaches the judge: the numbers are those of the judge with the same setting.
func TestJudgeOptions(t *testing.T) {
	text := history(12, 60, 540, .02, .006)
	for args, want := range map[string]judge.Settings{
		"--margin 1":               {Margin: 1},
		"--margin 3":               {Margin: 3, Worse: 4.8},
		"--alpha 0.1":              {Alpha: .1},
		"--beta 0.4":               {Beta: .4},
		"--worse 40":               {Worse: 40},
		"--phi 4":                  {Dispersion: 4, FixedDispersion: true},
		"--phi 1":                  {FixedDispersion: true},
		"--horizon 5":              {Horizon: 5},
		"--worse 9 --beta 0.01":    {Worse: 9, Beta: .01},
		"--alpha 1e-9 --horizon 1": {Alpha: 1e-9, Horizon: 1},
	} {
		a := judgeJSON(t, text, strings.Fields(args)...)
		p, err := judge.NewProcess(want)
		if err != nil {
			t.Fatal(err)
		}
		rows := minutes.NewReader("m.csv", strings.NewReader(text))
		for i, got := range a.Minutes {
			row, err := rows.Next()
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Add(row.Minute); err != nil {
				t.Fatal(err)
			}
			if *got.E != math.Exp(p.LogE()) || *got.RatioLow != p.Interval().Low || got.Verdict != p.Verdict().String() {
				t.Errorf("%s: row %d is %v %s, the judge says %v %s", args, i, *got.E, got.Verdict, math.Exp(p.LogE()), p.Verdict())
			}
		}
	}
}

// A wrong option is refused by its name before anything is read.
func TestJudgeRefusesOptions(t *testing.T) {
	folder := t.TempDir()
	for args, want := range map[string]string{
		"--margin 0":            "--margin is 0",
		"--margin 0.9":          "--margin is 0.9",
		"--margin 101":          "--margin is 101",
		"--margin NaN":          "--margin is NaN",
		"--margin 50 --worse 9": "--worse is 9 but must be above --margin (50)",
		"--worse 0":             "--worse is 0",
		"--worse 1.25":          "--worse is 1.25 but must be above --margin (1.25)",
		"--worse 1001":          "--worse is 1001",
		"--worse Inf":           "--worse is +Inf",
		"--alpha 0":             "--alpha is 0",
		"--alpha -0.1":          "--alpha is -0.1",
		"--alpha 0.6":           "--alpha is 0.6",
		"--alpha NaN":           "--alpha is NaN",
		"--beta 0":              "--beta is 0",
		"--beta 1":              "--beta is 1",
		"--phi 0":               "--phi is 0",
		"--phi 0.5":             "--phi is 0.5",
		"--phi 1e7":             "--phi is 1e+07",
		"--horizon 0":           "--horizon is 0",
		"--horizon -5":          "--horizon is -5",
		"--horizon 10000001":    "--horizon is 1.0000001e+07",
		"-o yaml":               `--output is "yaml"`,
		"--report " + folder:    "--report is " + folder,
		"--margin much":         `--margin "much": a number is wanted`,
		"extra":                 `"extra" is not understood`,
	} {
		code, out, errOut := call(histories()["fail"], append([]string{"judge", "--minutes", "-"}, strings.Fields(args)...)...)
		if code != exitBadInput || out != "" || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit %d, %q, %q", args, code, out, errOut)
		}
	}
	if code, out, errOut := call("", "judge"); code != exitBadInput || out != "" || !strings.Contains(errOut, "--minutes must be given") {
		t.Errorf("without a history: exit %d, %q, %q", code, out, errOut)
	}
}

// A file that is wrong is not told of, not even up to the line that is wrong, whatever was asked for.
func TestJudgeBadInput(t *testing.T) {
	folder := t.TempDir()
	page := filepath.Join(folder, "page.html")
	bad := filepath.Join(folder, "bad.csv")
	for text, want := range map[string]string{
		"":                       ":1:1: the file is empty",
		minutes.Header + "\n":    ":1:1: there is no minute",
		"minute,canary_n\n0,1\n": ":1:1: missing: canary_failed, baseline_n, baseline_failed",
		history(9, 60, 540, 0, 0) + "9,60,NaN,540,0\n":       `:11:6: canary_failed is "NaN"`,
		history(9, 60, 540, 0, 0) + "9,60,-1,540,0\n":        `:11:6: canary_failed is "-1" but cannot be negative`,
		history(9, 60, 540, 0, 0) + "9,60,61,540,0\n":        ":11:6: canary_failed is 61 but canary_n is 60",
		history(9, 60, 540, 0, 0) + "8,60,0,540,0\n":         ":11:1: minute is 8 again",
		history(9, 60, 540, 0, 0) + "7,60,0,540,0\n":         ":11:1: minute is 7 after 8",
		history(9, 60, 540, 0, 0) + "9,60,0,540\n":           ":11:1: has 4 values",
		history(9, 60, 540, 0, 0) + "9,60,0.5,540,0\n":       ":11:6: canary_failed is \"0.5\" but must be a whole number",
		history(9, 60, 540, 0, 0) + "9,60,0,540,Inf\n":       ":11:12: baseline_failed is \"Inf\"",
		strings.Replace(history(1, 1, 1, 0, 0), ",", ";", 4): ":1:1: columns must be separated by commas",
	} {
		if err := os.WriteFile(bad, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range []string{"-o text", "-o json", "--report " + page} {
			code, out, errOut := call("", append([]string{"judge", "--minutes", bad}, strings.Fields(args)...)...)
			if code != exitBadInput || out != "" || !strings.HasPrefix(errOut, bad+want) {
				t.Errorf("%q %s: exit %d, %q, %q", text, args, code, out, errOut)
			}
		}
	}
	if _, err := os.Stat(page); err == nil {
		t.Error("a page was written of a file that is wrong")
	}
	for path, want := range map[string]string{"missing.csv": "no such file", folder: "that is a folder"} {
		if code, out, errOut := call("", "judge", "--minutes", path); code != exitBadInput || out != "" || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit %d, %q, %q", path, code, out, errOut)
		}
	}
	if _, _, errOut := call("no", "judge", "--minutes", "-"); !strings.HasPrefix(errOut, "(standard input):1:1: ") {
		t.Errorf("standard input is called %q", errOut)
	}
}

// Nothing stays behind in the folder for passing files, whether it went well or not.
func TestJudgeCleansUp(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	call(histories()["fail"], "judge", "--minutes", "-", "-o", "json")
	call("wrong", "judge", "--minutes", "-")
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("%v stays behind, %v", left, err)
	}
}

func TestJudgeReport(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.html")
	for name, text := range histories() {
		code, out, errOut := call(text, "judge", "--minutes", "-", "--report", page)
		html, err := os.ReadFile(page)
		if code != exitOK || errOut != "" || err != nil {
			t.Fatalf("%s: exit %d, %s, %v", name, code, errOut, err)
		}
		if _, plain, _ := call(text, "judge", "--minutes", "-"); plain != out {
			t.Errorf("%s: with a page another story is told", name)
		}
		for _, want := range []string{"How many times as often", "Evidence against the canary"} {
			if !strings.Contains(string(html), want) {
				t.Errorf("%s: the page does not draw %q", name, want)
			}
		}
	}
	sparse := minutes.Header + "\n0,60,0,540,2\n40319,60,0,540,2\n"
	if code, _, errOut := call(sparse, "judge", "--minutes", "-", "--report", page); code != exitOK {
		t.Errorf("28 days: exit %d, %s", code, errOut)
	}
	if code, out, errOut := call(sparse+"40320,60,0,540,2\n", "judge", "--minutes", "-", "--report", page); code != exitBadInput || out != "" || !strings.Contains(errOut, "--report can show 28 d at most") {
		t.Errorf("more than 28 days: exit %d, %q, %s", code, out, errOut)
	}
}

func TestJudgeCompletion(t *testing.T) {
	for args, want := range map[string]string{
		"judge --minutes ": "csv\n:8\n",
		"judge --report ":  "html\n:8\n",
		"judge -o ":        "text\njson\n:4\n",
		"judge --phi ":     ":4\n",
	} {
		if _, out, _ := call("", append([]string{"__complete"}, strings.Split(args, " ")...)...); out != want {
			t.Errorf("%q completes to %q", args, out)
		}
	}
}

// bareTeller asks nothing but the verdict.
type bareTeller struct{ verdict release.Verdict }

func (b *bareTeller) look(_ minutes.Row, p *judge.Process) error {
	b.verdict = p.Verdict()
	return nil
}
func (b *bareTeller) end(*judge.Process) error { return nil }

// long is a history made while it is read: the same lines again and again, under rising minutes.
type long struct {
	lines    []string
	rows, at int
	rest     []byte
}

func newLong(rows int) *long {
	lines := strings.Split(strings.TrimSpace(history(1000, 300, 2700, .004, .004)), "\n")[1:]
	for i, line := range lines {
		lines[i] = line[strings.Index(line, ","):]
	}
	return &long{lines: lines, rows: rows, rest: []byte(minutes.Header + "\n")}
}

func (l *long) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		if l.at == l.rows {
			return 0, io.EOF
		}
		l.rest = fmt.Appendf(l.rest[:0], "%d%s\n", l.at, l.lines[l.at%len(l.lines)])
		l.at++
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// A history is not held in memory: neither by the command nor by the judge.
func TestJudgeStreams(t *testing.T) {
	const rows, each = 100_000, 4
	process, err := judge.NewProcess(judge.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := os.Create(filepath.Join(t.TempDir(), "waiting"))
	if err != nil {
		t.Fatal(err)
	}
	defer waiting.Close() //nolint:errcheck // a file of the test
	var told bytes.Buffer
	text := newTextTeller("long.csv", &told, waiting)
	in := newLong(rows)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := judgeAll(minutes.NewReader("long.csv", in), process, []teller{text}); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / rows; kept > each || !strings.Contains(told.String(), "long.csv passes after 100,000 minutes") {
		t.Errorf("%d bytes kept for each row; told:\n%s", kept, told.String())
	}
	runtime.KeepAlive(process)
	runtime.KeepAlive(in)
}

func BenchmarkJudge(b *testing.B) {
	for name, tell := range map[string]func(*os.File) teller{
		"verdict": func(*os.File) teller { return &bareTeller{} },
		"text": func(f *os.File) teller {
			return newTextTeller("long.csv", io.Discard, f)
		},
		"json": func(f *os.File) teller { return newJSONTeller(io.Discard, f) },
	} {
		b.Run(name, func(b *testing.B) {
			waiting, err := os.Create(filepath.Join(b.TempDir(), "waiting"))
			if err != nil {
				b.Fatal(err)
			}
			defer waiting.Close() //nolint:errcheck // a file of the test
			process, err := judge.NewProcess(judge.Settings{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			if err := judgeAll(minutes.NewReader("long.csv", newLong(b.N)), process, []teller{tell(waiting)}); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
