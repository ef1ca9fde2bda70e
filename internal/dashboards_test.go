package internal_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/serin-aws/serin/internal/golden"
)

// widget is a part of a dashboard.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, Markdown string
		Alarms          []string
		Metrics         [][]any
		YAxis           struct {
			Left struct {
				Label string
				Min   *float64
			}
		}
		Annotations struct {
			Horizontal []struct {
				Label, Color string
				Value        float64
			}
		}
	}
}

// The dashboards of the examples, in few words, stand in testdata/dashboards.golden, to be read as people see them. Each graph
// has a unit at its axis, begins at zero, and shows minutes; each visible line has a label.
func TestDashboards(t *testing.T) {
	files, err := filepath.Glob("../examples/*/testdata/*.template.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var text strings.Builder
	for _, file := range files {
		for _, body := range dashboardsIn(t, file) {
			fmt.Fprintf(&text, "== %s\n", strings.TrimPrefix(filepath.ToSlash(file), "../"))
			var all struct{ Widgets []widget }
			if err := json.Unmarshal([]byte(body), &all); err != nil {
				t.Fatalf("%s: %v\n%s", file, err, body)
			}
			for _, w := range all.Widgets {
				describe(t, &text, w)
			}
			text.WriteString("\n")
		}
	}
	golden.Text(t, "dashboards", text.String())
}

func describe(t *testing.T, text *strings.Builder, w widget) {
	p := w.Properties
	fmt.Fprintf(text, "%s %d x %d at %d, %d: %s%s\n", w.Type, w.Width, w.Height, w.X, w.Y, p.Title, strings.ReplaceAll(p.Markdown, "\n\n", "\n  "))
	if w.Type == "alarm" {
		fmt.Fprintf(text, "  %d alarms\n", len(p.Alarms))
	}
	if w.Type != "metric" {
		return
	}
	fmt.Fprintf(text, "  in %s\n", p.YAxis.Left.Label)
	if p.YAxis.Left.Label == "" || p.YAxis.Left.Min == nil || *p.YAxis.Left.Min != 0 {
		t.Errorf("%q has no unit, or does not begin at zero", p.Title)
	}
	for _, metric := range p.Metrics {
		look, ok := metric[len(metric)-1].(map[string]any)
		if !ok || look["period"] != 60.0 {
			t.Errorf("%q: %v is not shown by the minute", p.Title, metric)
			continue
		}
		if look["visible"] == false {
			continue
		}
		of := look["expression"]
		if of == nil {
			of = fmt.Sprintf("%v of %v", look["stat"], metric[:len(metric)-1])
		}
		if look["label"] == nil && len(p.Metrics) > 1 {
			t.Errorf("%q: a line without a label: %v", p.Title, of)
		}
		fmt.Fprintf(text, "  line %s: %v\n", words(look["label"], look["color"]), of)
	}
	for _, line := range p.Annotations.Horizontal {
		fmt.Fprintf(text, "  %s at %g, %s\n", line.Label, line.Value, line.Color)
	}
}

// words joins what there is.
func words(parts ...any) string {
	var there []string
	for _, part := range parts {
		if word, ok := part.(string); ok {
			there = append(there, word)
		}
	}
	return strings.Join(there, " ")
}

// dashboardsIn returns the dashboards' bodies of a template, with a word for everything that is known when it is deployed.
func dashboardsIn(t *testing.T, file string) []string {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct{ DashboardBody json.RawMessage }
		}
	}
	if err := json.Unmarshal(data, &template); err != nil {
		t.Fatal(err)
	}
	var bodies []string
	for _, resource := range template.Resources {
		if resource.Type != "AWS::CloudWatch::Dashboard" {
			continue
		}
		var join struct {
			Parts []json.RawMessage `json:"Fn::Join"`
		}
		var parts []any
		if json.Unmarshal(resource.Properties.DashboardBody, &join) != nil || json.Unmarshal(join.Parts[1], &parts) != nil {
			t.Fatalf("%s: %s", file, resource.Properties.DashboardBody)
		}
		body := ""
		for _, part := range parts {
			if literal, ok := part.(string); ok {
				body += literal
			} else {
				body += "*"
			}
		}
		bodies = append(bodies, body)
	}
	return bodies
}
