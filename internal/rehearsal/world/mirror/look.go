package mirror

import (
	"fmt"

	"github.com/serin-aws/serin/internal/rehearsal/invariant"
	"github.com/serin-aws/serin/internal/release"
)

// Arms returns the live stack: what its machines run, behind which proxy. A release ends as it began but for the image.
func (w *World) Arms() []invariant.Arm {
	s := w.live()
	f := w.fleets[s]
	arm := invariant.Arm{Service: s.Name, Primary: true, Desired: machines, Running: map[string]int{}, App: map[string]int{}}
	if f.gone {
		arm.Desired = 0
	}
	for _, m := range f.machines {
		arm.Running[fmt.Sprintf("%s behind %s %s %.0f %%", digestOf(m.image), f.proxy.mode, f.proxy.host, 100*f.proxy.share)]++
		arm.App[digestOf(m.image)]++
	}
	return []invariant.Arm{arm}
}

// LeftOver is a temporary stack of the release.
func (w *World) LeftOver(rel *release.Release) []string {
	var left []string
	for _, s := range w.CloudFormation.Existing() {
		if s.Tags[release.TagRelease] == string(rel.ID) {
			left = append(left, "stack "+s.Name)
		}
	}
	return left
}
