package ecsservice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/serin-aws/serin/internal/release"
)

// schema is the version of Record.
const schema = 1

// Record is the services' part of a baseline: everything that a rollback needs, names and hashes only. The values of
// environment variables and secrets stay in ECS, where a definition can be described even after it was deregistered.
type Record struct {
	Schema  int    `json:"schema"`
	Primary Arm    `json:"primary"`
	Canary  Arm    `json:"canary"`
	Scaling *scale `json:"scaling,omitempty"` // of the primary; serin never changes it
	// Next says which image each container of the new revision gets, pinned.
	Next  map[string]string `json:"next"`
	Notes []string          `json:"notes,omitempty"` // what could not be checked
}

// Arm is one service as it was before the first mutation.
type Arm struct {
	Service    string      `json:"service"` // name
	ARN        string      `json:"arn"`
	Definition string      `json:"definition"` // ARN of the task definition
	Family     string      `json:"family"`
	Newest     int32       `json:"newest"` // highest revision of the family: whatever serin registers is above it
	Hash       string      `json:"hash"`   // of the registration
	Pinned     bool        `json:"pinned"` // the definition itself names digests: no copy is needed to bring it back
	Containers []container `json:"containers"`
	Desired    int32       `json:"desired"`    // tasks
	Deployment string      `json:"deployment"` // id: a deployment with another id came later
	Breaker    bool        `json:"breaker"`    // ECS stops a deployment that fails
	Reverts    bool        `json:"reverts"`    // and brings back the one before
	MinHealthy int32       `json:"minHealthyPercent"`
	Max        int32       `json:"maxPercent"`
}

// container is one container's image.
type container struct {
	Name   string         `json:"name"`
	Image  string         `json:"image"`            // as the definition writes it
	Digest release.Digest `json:"digest,omitempty"` // what runs; empty where nobody knows
	Pinned string         `json:"pinned,omitempty"` // the image with that digest
}

// scale is what scales a service.
type scale struct {
	Resource           string `json:"resource"`
	Min                int32  `json:"min"`
	Max                int32  `json:"max"`
	InSuspended        bool   `json:"inSuspended"`
	OutSuspended       bool   `json:"outSuspended"`
	ScheduledSuspended bool   `json:"scheduledSuspended"`
}

// Images returns the pinned image of every container that has one.
func (a Arm) Images() map[string]string {
	pinned := map[string]string{}
	for _, c := range a.Containers {
		if c.Pinned != "" {
			pinned[c.Name] = c.Pinned
		}
	}
	return pinned
}

// digest returns what a container runs.
func (a Arm) digest(name string) release.Digest {
	i := slices.IndexFunc(a.Containers, func(c container) bool { return c.Name == name })
	if i < 0 {
		return ""
	}
	return a.Containers[i].Digest
}

// summary says the whole of the baseline in a line.
func (d Record) summary(digest release.Digest) string {
	return fmt.Sprintf("%s on %s, %s on %s, %s", ShortName(d.Primary.Definition), TaskCount(d.Primary.Desired),
		ShortName(d.Canary.Definition), TaskCount(d.Canary.Desired), digest.Short())
}

// TaskCount writes a number of tasks.
func TaskCount(n int32) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}

// Check answers a LedgerCorrupt error for a record that this version of serin cannot restore from.
func (d Record) Check(rel *release.Release) error {
	if d.Schema == schema && d.Primary.Definition != "" && d.Canary.Definition != "" {
		return nil
	}
	return release.Errorf(release.LedgerCorrupt, readBaseline(rel), "schema %d with definitions %q and %q; this version of serin reads schema %d with both definitions",
		d.Schema, d.Primary.Definition, d.Canary.Definition, schema)
}

// Records reads the baselines of releases back as a platform recorded them, and remembers the last: a baseline never
// changes, and nobody writes to what is read of it.
type Records[Detail any] struct {
	latest atomic.Pointer[decoded[Detail]]
}

type decoded[Detail any] struct {
	text   json.RawMessage
	detail Detail
}

// Read returns the baseline of a release. What is not sound is LedgerCorrupt.
func (r *Records[Detail]) Read(rel *release.Release, sound func(Detail) error) (Detail, error) {
	if known := r.latest.Load(); known != nil && bytes.Equal(known.text, rel.Baseline.Detail) {
		return known.detail, nil
	}
	var d Detail
	if err := json.Unmarshal(rel.Baseline.Detail, &d); err != nil {
		return d, release.Errorf(release.LedgerCorrupt, readBaseline(rel), "%w", err)
	}
	if err := sound(d); err != nil {
		return d, err
	}
	r.latest.Store(&decoded[Detail]{text: rel.Baseline.Detail, detail: d})
	return d, nil
}

func readBaseline(rel *release.Release) string {
	return "read the baseline of release " + string(rel.ID)
}
