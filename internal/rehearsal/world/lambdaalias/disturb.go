package lambdaalias

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/serin-aws/serin/internal/scenario"
)

// prepares is how long provisioned concurrency that is being prepared takes yet.
const prepares = 3 * time.Minute

// Disturb makes of the function what the scenario states.
func (w *World) Disturb() error {
	stated := w.site.Scenario.World.Function
	if stated == nil {
		return nil
	}
	for _, number := range slices.Sorted(maps.Keys(stated.Versions)) {
		if err := w.disturb(number, stated.Versions[number]); err != nil {
			return err
		}
	}
	var weights map[string]float64
	for version, share := range stated.Weights {
		weights = map[string]float64{version: float64(share)}
	}
	if on := cmp.Or(stated.AliasOn, w.Alias.Version); on != w.Alias.Version || weights != nil {
		w.Alias.Set(on, weights)
	}
	if stated.Preparing {
		w.Alias.Provisioned, w.Alias.ReadyAt = max(1, w.Alias.Provisioned), w.site.Start.Add(prepares)
	}
	if stated.AliasMissing {
		w.DeleteAlias()
	}
	return nil
}

// disturb changes one published version.
func (w *World) disturb(number string, stated scenario.Version) error {
	v := w.function.Version(number)
	if v == nil {
		return fmt.Errorf("world.function.versions: %s has no version %s before the release", w.function.Name, number)
	}
	if stated.Role != "" {
		v.Role = "arn:aws:iam::" + w.site.Account + ":role/" + stated.Role
	}
	v.DeadLetters = stated.DeadLetters
	if stated.Failed {
		v.Broken = broken
	}
	v.Inactive, v.PendingUntil = stated.Inactive, w.site.Start.Add(stated.Pending.Std())
	if stated.Missing && !w.Delete(number) {
		return fmt.Errorf("world.function.versions: an alias of %s names version %s, so nobody can delete it", w.function.Name, number)
	}
	return nil
}
