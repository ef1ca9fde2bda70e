package ecsqueue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/serin-aws/serin/internal/release"
)

// detailSchema is the version of detail.
const detailSchema = 1

// detail is the platform's part of a baseline: everything that a rollback needs, names and hashes only. The values of
// environment variables and secrets stay in ECS, where a definition can be described even after it was deregistered.
type detail struct {
	Schema  int    `json:"schema"`
	Queue   string `json:"queue"` // name, as SQS's metrics know it
	Primary arm    `json:"primary"`
	Canary  arm    `json:"canary"`
	Scaling *scale `json:"scaling,omitempty"` // of the primary; serin never changes it
	// Next says which image each container of the new revision gets, pinned.
	Next  map[string]string `json:"next"`
	Notes []string          `json:"notes,omitempty"` // what could not be checked
}

// arm is one service as it was before the first mutation.
type arm struct {
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

// images returns the pinned image of every container that has one.
func (a arm) images() map[string]string {
	pinned := map[string]string{}
	for _, c := range a.Containers {
		if c.Pinned != "" {
			pinned[c.Name] = c.Pinned
		}
	}
	return pinned
}

// digest returns what a container runs.
func (a arm) digest(name string) release.Digest {
	i := slices.IndexFunc(a.Containers, func(c container) bool { return c.Name == name })
	if i < 0 {
		return ""
	}
	return a.Containers[i].Digest
}

// summary says the whole of the baseline in a line.
func (d detail) summary(digest release.Digest) string {
	return fmt.Sprintf("%s on %s, %s on %s, %s", shortName(d.Primary.Definition), tasks(d.Primary.Desired),
		shortName(d.Canary.Definition), tasks(d.Canary.Desired), digest.Short())
}

func tasks(n int32) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}

func (d detail) baseline(serves release.Digest) (release.Baseline, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return release.Baseline{}, release.Errorf(release.Unexpected, "record the baseline", "%w", err)
	}
	return release.Baseline{Serves: string(serves), Summary: d.summary(serves), Detail: data}, nil
}

// decoded is the baseline that was decoded last. A baseline never changes, and nobody writes to what is decoded of it.
type decoded struct {
	text json.RawMessage
	base detail
}

// recorded returns the baseline of a release.
func (p *Platform) recorded(rel *release.Release) (detail, error) {
	if known := p.latest.Load(); known != nil && bytes.Equal(known.text, rel.Baseline.Detail) && rel.Target.ECSQueue != nil {
		return known.base, nil
	}
	base, err := recorded(rel)
	if err == nil {
		p.latest.Store(&decoded{text: rel.Baseline.Detail, base: base})
	}
	return base, err
}

// recorded reads the baseline of a release back.
func recorded(rel *release.Release) (detail, error) {
	op := "read the baseline of release " + string(rel.ID)
	var d detail
	if err := json.Unmarshal(rel.Baseline.Detail, &d); err != nil {
		return d, release.Errorf(release.LedgerCorrupt, op, "%w", err)
	}
	if d.Schema != detailSchema || d.Primary.Definition == "" || d.Canary.Definition == "" {
		return d, release.Errorf(release.LedgerCorrupt, op, "schema %d with definitions %q and %q; this version of serin reads schema %d with both definitions",
			d.Schema, d.Primary.Definition, d.Canary.Definition, detailSchema)
	}
	if rel.Target.ECSQueue == nil {
		return d, release.Errorf(release.LedgerCorrupt, op, "the recorded target is not an ecs-queue target")
	}
	return d, nil
}
