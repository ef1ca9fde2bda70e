package release

import (
	"slices"
	"time"
)

// Override is a person's word that named alarms do not count for the next emergency start of a target: they fire for
// what the start is to repair. It is kept for the target until it expires or an emergency start has used it.
type Override struct {
	ID     string    `json:"id"` // counts once
	Alarms []string  `json:"alarms"`
	Who    string    `json:"who"`
	Why    string    `json:"why"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
	Used   ID        `json:"used,omitempty"` // the release that was opened with it
}

// Valid reports whether an emergency start may use it now.
func (o Override) Valid(now time.Time) bool { return o.Used == "" && now.Before(o.Until) }

// Overrides are all that are kept for a target.
type Overrides []Override

// Covering returns the valid overrides that together name as many of the given alarms as they can, and the alarms that
// none of them names. Where any is needed without an alarm, the first valid one is.
func (all Overrides) Covering(alarms []string, needed bool, now time.Time) (covering Overrides, bare []string) {
	bare = slices.Clone(alarms)
	for _, o := range all {
		left := slices.DeleteFunc(slices.Clone(bare), func(alarm string) bool { return slices.Contains(o.Alarms, alarm) })
		if o.Valid(now) && (len(left) < len(bare) || needed && len(covering) == 0) {
			covering, bare = append(covering, o), left
		}
	}
	return covering, bare
}

// With returns the overrides and one more, once by its ID, without those that expired a day ago or more.
func (all Overrides) With(o Override, now time.Time) Overrides {
	kept := slices.DeleteFunc(slices.Clone(all), func(o Override) bool { return now.After(o.Until.Add(24 * time.Hour)) })
	if slices.ContainsFunc(kept, func(known Override) bool { return known.ID == o.ID }) {
		return kept
	}
	return append(kept, o)
}

// UsedBy returns the overrides with those of a release marked as used; false where one of them is no longer valid.
func (all Overrides) UsedBy(id ID, used Overrides, now time.Time) (Overrides, bool) {
	marked := slices.Clone(all)
	for _, o := range used {
		i := slices.IndexFunc(marked, func(known Override) bool { return known.ID == o.ID && known.Valid(now) })
		if i < 0 {
			return nil, false
		}
		marked[i].Used = id
	}
	return marked, true
}

// Overridden reports whether an alarm does not count for the release.
func (r *Release) Overridden(alarm string) bool {
	return slices.ContainsFunc(r.Overrides, func(o Override) bool { return slices.Contains(o.Alarms, alarm) })
}
