package adopt

import (
	"bytes"
	"fmt"
	"text/template"

	"github.com/serin-aws/serin/internal/release"
)

// targetFile is what a team starts from. What only they know stands there as a comment.
var targetFile = template.Must(template.New("target").Parse(`# How a new version of {{.Place.PrimaryService}} is released. Every setting and default: serin validate --show THIS_FILE
name: {{.Name}}
platform: ecs-queue
ecsQueue:
  cluster: {{.Place.Cluster}}
  primaryService: {{.Place.PrimaryService}}  # {{.Size}}
  canaryService: {{.Place.CanaryService}}
  container: {{.Place.Container}}
  queue: {{.Place.Queue}}
source:
  ecr: {repository: {{.Repository}}}  # tags: ["release-*"] names the pushes that start a release
plan:
  steps:
{{- range .Steps}}
    - {weight: {{.Weight}}, bake: 10m}{{with .Says}}  # {{.}}{{end}}
{{- end}}
checks:
  alarms: [{{range $i, $alarm := .Alarms}}{{if $i}}, {{end}}{{$alarm}}{{end}}]
  # Alarms alone see a bad version late, or not at all. Let the worker publish what it did and what of it failed, with
  # its service as a dimension, and the canary is compared with the version that serves, minute by minute:
  # compare:
  #   - name: failures
  #     proportion: {namespace: NAMESPACE, failed: Failed, total: Processed, by: {dimension: Service}}
`))

// step is one of the plan's steps, with what it comes to for the tasks that run now.
type step struct {
	Weight release.Weight
	Says   string
}

// TargetFile returns a target file for the worker: valid, commented, and meant to be edited.
func (w Worker) TargetFile() ([]byte, error) {
	var steps []step
	for _, weight := range []release.Weight{10, 25} {
		steps = append(steps, step{weight, w.comesTo(weight)})
	}
	var alarms []string
	for _, alarm := range w.alarms() {
		alarms = append(alarms, alarm.name)
	}
	var text bytes.Buffer
	err := targetFile.Execute(&text, map[string]any{
		"Name": w.Name, "Place": w.Place, "Repository": w.repository, "Size": w.Size(), "Steps": steps, "Alarms": alarms,
	})
	if err != nil {
		return nil, release.Errorf(release.Unexpected, w.op(), "write the target file: %w", err)
	}
	return text.Bytes(), nil
}

// Size says how many tasks the worker has.
func (w Worker) Size() string {
	text := tasks(int(w.Service.DesiredCount))
	if w.Max > 0 {
		text += fmt.Sprintf(", scaled from %d to %d", w.Min, w.Max)
	}
	return text
}

// comesTo says what a weight is for whole tasks, where that is something else.
func (w Worker) comesTo(weight release.Weight) string {
	primary := int(w.Service.DesiredCount)
	if primary == 0 {
		return ""
	}
	canary := release.CanaryTasks(primary, weight)
	share := release.Share(canary, primary)
	if diff := float64(share) - float64(weight); diff > -1 && diff < 1 {
		return ""
	}
	return fmt.Sprintf("beside %s it is %s: %.0f %%", tasks(primary), tasks(canary), float64(share))
}

func tasks(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}
