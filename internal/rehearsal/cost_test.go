package rehearsal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"text/template"

	"github.com/serin-aws/serin/internal/golden"
	"github.com/serin-aws/serin/internal/price"
)

// costPage is docs/cost.md: the words here, the figures measured.
var costPage = template.Must(template.New("cost").Funcs(template.FuncMap{
	"usd": func(x float64) string { return strconv.FormatFloat(x, 'f', 6, 64) },
	"two": func(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) },
	"n":   func(x float64) string { return strconv.FormatFloat(x, 'f', 0, 64) },
}).Parse(`# What it costs

List prices of {{.Region}}, {{.Date}}, without free tiers, in US dollars. The table of prices is ` + "`internal/price`" + `, with the page
that each was read from. Not counted: what serin's logs and traces come to (a few cents), and data transfer.

This page is written by ` + "`go test ./internal/rehearsal -run TestCostPage -update`" + `, and the test fails when a figure is off
by more than a quarter.

## A release

The example's worker, rehearsed; medians of {{.Runs}} releases each.

|  | promoted after {{n .Good.Minutes}} minutes | rolled back after {{n .Bad.Minutes}} minutes |
|---|---:|---:|
{{- range .Items}}
| {{.Item}}, by the {{.Unit}} | {{n .Good}} = {{usd .GoodUSD}} | {{n .Bad}} = {{usd .BadUSD}} |
{{- end}}
| **together** | **{{usd .Good.USD}}** | **{{usd .Bad.USD}}** |

Started by a stage of a CodePipeline (type V2), the stage's minutes come on top, {{.PipelineMinute}} each: {{two .Good.Pipeline}} for the release that
is promoted. That is more than the release itself; a rule on image pushes, or ` + "`serin start`" + `, costs nothing of the kind.

## A month

| what stands | of serin itself | of each target | USD each |
|---|---:|---:|---:|
{{- range .Standing}}
| {{.What}} | {{if .Core}}{{.Core}}{{end}} | {{if .Target}}{{.Target}}{{end}} | {{two .Month.USD}} |
{{- end}}
| a look after open releases, every {{.SweepMinutes}} minutes | {{two .Sweep}} |  |  |
| **together** | **{{two .CoreMonth}}** | **{{two .TargetMonth}}** |  |

{{range .Standing}}- {{.What}}: {{.Month.Page}} ({{.Month.Read}})
{{end}}
The key is rotated every year, and a rotation adds as much again (AWS's page, 2026-11; others have it that only the first two
do). The first three dashboards of an account are free. Container Insights, which the scaling by backlog reads, is billed as custom
metrics and is not counted. The canary's task does work that the primary's tasks need not do, so it is
an added cost only where the primary is not scaled by its backlog. Nothing else of serin runs while nothing is released.

With ten targets and a hundred releases a month, by pushes: {{two .Ten}} USD.
`))

// standing is one row of the month.
type standing struct {
	What         price.Standing
	Core, Target int
	Month        price.Month
}

// counted are the resources of a rendered template, by type, with alarms over several metrics apart.
func counted(t *testing.T, file string) map[price.Standing]int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rendered struct {
		Resources map[string]struct {
			Type       string
			Properties struct{ Metrics []any }
		}
	}
	if err := json.Unmarshal(text, &rendered); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]price.Standing{"AWS::CloudWatch::Alarm": price.Alarm, "AWS::KMS::Key": price.Key, "AWS::CloudWatch::Dashboard": price.Dashboard}
	found := map[price.Standing]int{}
	for _, r := range rendered.Resources {
		kind, ok := kinds[r.Type]
		if kind == price.Alarm && len(r.Properties.Metrics) > 1 {
			kind = price.MathAlarm
		}
		if ok {
			found[kind]++
		}
	}
	return found
}

// spent is what releases of one kind came to.
type spent struct {
	Minutes, USD, Pipeline float64
	lines                  map[string]price.Line
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

func spend(t *testing.T, file string, runs uint64) spent {
	t.Helper()
	var minutes []float64
	quantities := map[string][]float64{}
	for seed := range runs {
		run, _ := rehearsed(t, plan(t, file, nil), seed)
		minutes = append(minutes, run.Now().Sub(epoch).Minutes())
		used := run.account.used()
		for _, line := range price.Of(used).Lines {
			quantities[line.Item] = append(quantities[line.Item], line.Quantity)
		}
		run.Close()
	}
	s := spent{Minutes: median(minutes), lines: map[string]price.Line{}}
	for _, rate := range price.Rates() {
		if list := quantities[rate.Item]; len(list) > 0 {
			q := median(list)
			s.lines[rate.Item] = price.Line{Item: rate.Item, Unit: rate.Unit, Quantity: q, USD: q * rate.USD / rate.Per}
			s.USD += s.lines[rate.Item].USD
		}
	}
	s.Pipeline = s.Minutes * price.PipelineMinute
	return s
}

// costs are the page's figures.
func costs(t *testing.T) map[string]any {
	const runs, sweepMinutes, memory = 5, 5, 256
	good, bad := spend(t, "good.yaml", runs), spend(t, "bad.yaml", runs)
	type item struct {
		Item, Unit                 string
		Good, GoodUSD, Bad, BadUSD float64
	}
	var items []item
	for _, rate := range price.Rates() {
		g, b := good.lines[rate.Item], bad.lines[rate.Item]
		if cmp.Or(g.Quantity, b.Quantity) > 0 {
			items = append(items, item{rate.Item, rate.Unit, g.Quantity, g.USD, b.Quantity, b.USD})
		}
	}
	core, target := counted(t, "../../infra/testdata/serin.template.json"), counted(t, "../../examples/queue-worker/testdata/OrdersWorker.template.json")
	target[price.CanaryTask] = 1
	var rows []standing
	var coreMonth, targetMonth float64
	for _, kind := range []price.Standing{price.Alarm, price.MathAlarm, price.Key, price.Dashboard, price.CanaryTask} {
		month := price.MonthOf(kind)
		each := month.USD
		rows = append(rows, standing{kind, core[kind], target[kind], month})
		coreMonth += each * float64(core[kind])
		targetMonth += each * float64(target[kind])
	}
	sweep := price.Of(price.Sweeps(sweepMinutes, memory)).USD
	coreMonth += sweep
	return map[string]any{
		"Region": price.Region, "Date": price.Date, "Runs": runs, "Good": good, "Bad": bad, "Items": items, "PipelineMinute": price.PipelineMinute,
		"Standing": rows, "SweepMinutes": sweepMinutes, "Sweep": sweep, "CoreMonth": coreMonth, "TargetMonth": targetMonth,
		"Ten": coreMonth + 10*targetMonth + 100*good.USD,
	}
}

var figure = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)

// The page says what a release and a month cost, and no figure of it is off by more than a quarter.
func TestCostPage(t *testing.T) {
	const file = "../../docs/cost.md"
	var page bytes.Buffer
	if err := costPage.Execute(&page, costs(t)); err != nil {
		t.Fatal(err)
	}
	if golden.Updating() {
		if err := os.WriteFile(file, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := drifted(written, page.Bytes()); wrong != "" {
		t.Errorf("docs/cost.md: %s; look at the difference after: go test ./internal/rehearsal -run TestCostPage -update", wrong)
	}
}

// drifted says where a page differs from what was measured: in its words, or in a figure by more than a quarter.
func drifted(written, measured []byte) string {
	if a, b := figure.ReplaceAll(written, []byte("N")), figure.ReplaceAll(measured, []byte("N")); !bytes.Equal(a, b) {
		return "its words are others"
	}
	now := figure.FindAll(measured, -1)
	for i, text := range figure.FindAll(written, -1) {
		was, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return err.Error()
		}
		is, err := strconv.ParseFloat(string(now[i]), 64)
		if err != nil {
			return err.Error()
		}
		if was != is && (was > 1.25*is+0.0002 || is > 1.25*was+0.0002) {
			return fmt.Sprintf("it says %s, measured was %s", text, now[i])
		}
	}
	return ""
}

// Figures that drift are found, and small differences are none.
func TestDrifted(t *testing.T) {
	page := []byte("a release costs 0.0080 USD and 217 transitions")
	for text, wrong := range map[string]bool{
		"a release costs 0.0080 USD and 217 transitions": false, "a release costs 0.0090 USD and 230 transitions": false,
		"a release costs 0.0180 USD and 217 transitions": true, "a release costs 0.0080 USD and 117 transitions": true,
		"a canary costs 0.0080 USD and 217 transitions": true,
	} {
		if got := drifted([]byte(text), page); (got != "") != wrong {
			t.Errorf("%s: %q", text, got)
		}
	}
}
