package minutes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/judge"
	"github.com/serin-aws/serin/internal/release"
)

// read reads a whole file.
func read(text string) ([]Row, error) {
	r := NewReader("m.csv", strings.NewReader(text))
	var rows []Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, row)
	}
}

func arms(units, failed, baseline, baselineFailed int64) judge.Minute {
	return judge.Minute{Canary: release.Arm{Units: units, Failed: failed}, Baseline: release.Arm{Units: baseline, Failed: baselineFailed}}
}

// Every way in which programs write the same history is read as the same.
func TestTheSameInEveryForm(t *testing.T) {
	want := []judge.Minute{arms(300, 1, 2700, 5), arms(0, 0, 2650, 0)}
	for name, text := range map[string]string{
		"plain":          Header + "\n7,300,1,2700,5\n9,0,0,2650,0\n",
		"no last end":    Header + "\n7,300,1,2700,5\n9,0,0,2650,0",
		"CRLF":           Header + "\r\n7,300,1,2700,5\r\n9,0,0,2650,0\r\n",
		"mark":           "\ufeff" + Header + "\n7,300,1,2700,5\n9,0,0,2650,0\n",
		"other order":    "baseline_failed,minute,baseline_n,canary_n,canary_failed\n5,7,2700,300,1\n0,9,2650,0,0\n",
		"blanks":         " minute , canary_n,canary_failed,baseline_n,\tbaseline_failed\n 7, 300 ,1,2700,5\n9,0,0,2650,0 \n",
		"quotes":         `"minute","canary_n","canary_failed","baseline_n","baseline_failed"` + "\n" + `"7","300","1","2700","5"` + "\n9,0,0,2650,0\n",
		"blank lines":    "\n" + Header + "\n\n7,300,1,2700,5\n\n9,0,0,2650,0\n  \n\n",
		"leading zeroes": Header + "\n007,0300,01,2700,5\n9,0,0,2650,0\n",
	} {
		rows, err := read(text)
		if err != nil || len(rows) != 2 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
			continue
		}
		for i, row := range rows {
			row.Minute.Start = time.Time{}
			if row.Minute != want[i] {
				t.Errorf("%s: row %d is %+v", name, i, row.Minute)
			}
		}
		if gap := rows[1].Minute.Start.Sub(rows[0].Minute.Start); gap != 2*time.Minute || rows[0].Stamp.String() != "7" {
			t.Errorf("%s: %v between %s and %s", name, gap, rows[0].Stamp, rows[1].Stamp)
		}
	}
}

func TestTimes(t *testing.T) {
	rows, err := read(Header + "\n2026-03-02T14:02:17Z,1,0,1,0\n2026-03-02T16:03:00+02:00,1,0,1,0\n")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"2026-03-02T14:02:00Z", "2026-03-02T14:03:00Z"} {
		if got := rows[i].Minute.Start.Format(time.RFC3339); got != want {
			t.Errorf("row %d starts at %s", i, got)
		}
	}
	text := Stamp{number: 12}.AppendJSON(append(rows[1].Stamp.AppendJSON(nil), ','))
	if want := `"2026-03-02T16:03:00+02:00",12`; string(text) != want {
		t.Errorf("stamps are %s in JSON", text)
	}
}

// Every mistake is told with its place and what would be right, and the row is not returned.
func TestBadInput(t *testing.T) {
	var all strings.Builder
	for _, c := range []struct{ name, text string }{
		{"empty file", ""},
		{"only blank lines", "\n\n"},
		{"only a mark", "\ufeff"},
		{"no minutes", Header + "\n"},
		{"no header", "0,300,1,2700,5\n"},
		{"semicolons", strings.ReplaceAll(Header, ",", ";") + "\n0;300;1;2700;5\n"},
		{"another kind of file", "\x1f\x8b\x08\x00\x1b[31mred"},
		{"UTF-16", "\xff\xfem\x00i\x00"},
		{"one column missing", "minute,canary_n,canary_failed,baseline_n\n"},
		{"two columns missing", "minute,canary_n,baseline_n\n"},
		{"column twice", Header + ",minute\n"},
		{"unknown column", strings.Replace(Header, "canary_failed", "canary_fail", 1) + "\n"},
		{"column too many", Header + ",note\n"},
		{"values missing", Header + "\n0,300,1,2700,5\n1,300,1\n"},
		{"values too many", Header + "\n0,300,1,2700,5,6\n"},
		{"decimal comma", Header + "\n0,300,1,2700,5,0\n"},
		{"NaN", Header + "\n0,300,NaN,2700,5\n"},
		{"infinite", Header + "\n0,Inf,1,2700,5\n"},
		{"negative", Header + "\n0,300,-1,2700,5\n"},
		{"negative baseline", Header + "\n0,300,1,-2700,5\n"},
		{"fraction", Header + "\n0,300,1.5,2700,5\n"},
		{"whole with a point", Header + "\n0,300.0,1,2700,5\n"},
		{"exponent", Header + "\n0,3e2,1,2700,5\n"},
		{"sign", Header + "\n0,+300,1,2700,5\n"},
		{"hexadecimal", Header + "\n0,0x10,1,2700,5\n"},
		{"other digits", Header + "\n0,\u0663,1,2700,5\n"},
		{"word", Header + "\n0,many,1,2700,5\n"},
		{"escape", Header + "\n0,\x1b[31m3,1,2700,5\n"},
		{"empty value", Header + "\n0,300,,2700,5\n"},
		{"open quote", Header + "\n0,\"300,1,2700,5\n"},
		{"too many", Header + "\n0,1000000000000001,1,2700,5\n"},
		{"far too many", Header + "\n0,99999999999999999999999999,1,2700,5\n"},
		{"more failed than done", Header + "\n0,300,301,2700,5\n"},
		{"more failed than done, baseline", Header + "\n0,300,1,2700,2701\n"},
		{"empty minute", Header + "\n,300,1,2700,5\n"},
		{"negative minute", Header + "\n-1,300,1,2700,5\n"},
		{"time without zone", Header + "\n2026-03-02T14:02:00,300,1,2700,5\n"},
		{"time of the day", Header + "\n14:02,300,1,2700,5\n"},
		{"no such day", Header + "\n2026-02-30T14:02:00Z,300,1,2700,5\n"},
		{"minute repeated", Header + "\n\n3,300,1,2700,5\n3,300,1,2700,5\n"},
		{"minutes fall", Header + "\n3,300,1,2700,5\n2,300,1,2700,5\n"},
		{"the same minute by the clock", Header + "\n2026-03-02T14:02:00Z,300,1,2700,5\n2026-03-02T15:02:30+01:00,300,1,2700,5\n"},
		{"times fall", Header + "\n2026-03-02T14:02:00Z,300,1,2700,5\n2026-03-02T14:01:00Z,300,1,2700,5\n"},
		{"numbers and times", Header + "\n3,300,1,2700,5\n2026-03-02T14:02:00Z,300,1,2700,5\n"},
		{"line too long", Header + "\n0,300,1,2700," + strings.Repeat("5", maxLine)},
		{"header too long", strings.Repeat("x", maxLine+1)},
	} {
		rows, err := read(c.text)
		problem, ok := errors.AsType[*Problem](err)
		if !ok || release.CodeOf(err) != release.Invalid || problem.Line < 1 || problem.Column < 1 || len(rows) > 1 {
			t.Errorf("%s: %d rows, %v", c.name, len(rows), err)
			continue
		}
		fmt.Fprintf(&all, "# %s\n%v\n", c.name, err)
	}
	golden.Text(t, "bad-input", all.String())
}

// A disk that fails is not a file that is wrong.
func TestTheFilesOwnErrorIsKept(t *testing.T) {
	broken := errors.New("disk on fire")
	r := NewReader("m.csv", io.MultiReader(strings.NewReader(Header+"\n0,300,1,2700,5\n1,3"), iotest.ErrReader(broken)))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); !errors.Is(err, broken) || release.CodeOf(err) == release.Invalid {
		t.Errorf("got %v", err)
	}
}

// endless is a history of so many rows, made while it is read.
type endless struct {
	rows, at int
	rest     []byte
}

func (e *endless) Read(p []byte) (int, error) {
	for len(e.rest) == 0 {
		if e.at > e.rows {
			return 0, io.EOF
		}
		e.rest = fmt.Appendf(e.rest[:0], "%d,300,1,2700,5\n", e.at)
		if e.at == 0 {
			e.rest = []byte(Header + "\n")
		}
		e.at++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestReadingTakesNoMemory(t *testing.T) {
	r := NewReader("m.csv", &endless{rows: 200_000})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	for {
		_, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); n != 200_000 || grown > 1<<20 {
		t.Errorf("%d rows read, %d bytes kept", n, grown)
	}
	runtime.KeepAlive(r)
}

func TestTooManyRows(t *testing.T) {
	r := NewReader("m.csv", strings.NewReader(Header+"\n5,1,0,1,0\n"))
	r.rows, r.before.Stamp = MaxRows-1, Stamp{number: 4}
	if _, err := r.Next(); err != nil {
		t.Errorf("the last row that is allowed: %v", err)
	}
	r.in.Reset(strings.NewReader("6,1,0,1,0\n"))
	if _, err := r.Next(); release.CodeOf(err) != release.Invalid || !strings.Contains(err.Error(), "m.csv:3:1: there are more than 10000000 minutes") {
		t.Errorf("one more: %v", err)
	}
}

// FuzzReader: whatever a file holds, its rows are such that the judge takes every one of them, and an error has a place.
func FuzzReader(f *testing.F) {
	f.Add([]byte(Header + "\n7,300,1,2700,5\n9,0,0,2650,0\n"))
	f.Add([]byte(Header + "\r\n2026-03-02T14:02:00Z,300,1,2700,5\r\n2026-03-02T15:03:00+01:00,300,1,2700,5"))
	f.Add([]byte("\ufeff\n" + Header + ",minute\n\"1\",2,3,4,5"))
	f.Add([]byte(Header + "\n0000-01-01T00:00:00Z,1,1,1,1\n9999-12-31T23:59:60Z,1,1,1,1"))
	f.Add([]byte(Header + "\n1000000000000000,1000000000000000,0,1000000000000000,0"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := judge.NewProcess(judge.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		r := NewReader("m.csv", bytes.NewReader(data))
		for {
			row, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				problem, ok := errors.AsType[*Problem](err)
				if !ok || problem.Line < 1 || problem.Line > bytes.Count(data, []byte("\n"))+1 || problem.Column < 1 || strings.ContainsAny(err.Error(), "\x1b\n\r") {
					t.Errorf("no place, or no line of text: %q", err)
				}
				return
			}
			if err := p.Add(row.Minute); err != nil {
				t.Fatalf("the judge refuses %+v: %v", row, err)
			}
			if text := row.Stamp.AppendJSON(nil); !json.Valid(text) {
				t.Errorf("%s is no JSON, %v", text, err)
			}
		}
	})
}

func BenchmarkReader(b *testing.B) {
	var text bytes.Buffer
	if _, err := io.Copy(&text, &endless{rows: 100_000}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		r := NewReader("m.csv", bytes.NewReader(text.Bytes()))
		for {
			if _, err := r.Next(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			rows++
		}
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
