package ecsservice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/serin-aws/serin/internal/release"
)

// part says what a task definition that serin registered is for. It is the value of the tag release.TagFor.
type part string

const (
	forCanary          part = "canary"            // the new revision, for the canary service
	forPrimary         part = "primary"           // the new revision, for the primary service
	forCanaryBaseline  part = "canary-baseline"   // what the canary service ran before, pinned
	forPrimaryBaseline part = release.ForBaseline // what the primary service ran before, pinned
)

var parts = []part{forCanaryBaseline, forPrimaryBaseline, forCanary, forPrimary}

// Kinds of release.Made.
const (
	kindDefinition = release.MadeDefinition // ID is its ARN
	kindDeployment = "deployment"           // ID is the deployment's id as ECS answered it
	kindCount      = "task count"           // ID is what countID writes
	kindServed     = "left in service"      // ID is the ARN of a definition that a service kept at the release's end
)

// made is everything that serin made for a release, as the ledger has it, as this call found it and as this call made
// it. One part may have several definitions: a registration that was not answered is made again.
type made struct {
	list   []release.Made
	looked bool // the definitions were looked up by their tags, too
}

func (m *made) add(kind, id string, part part) {
	entry := release.Made{Kind: kind, ID: id, For: string(part)}
	if !slices.Contains(m.list, entry) {
		m.list = append(m.list, entry)
	}
}

// of returns the ids of one kind for some parts, in the order in which they were made.
func (m *made) of(kind string, parts ...part) []string {
	var ids []string
	for _, entry := range m.list {
		if entry.Kind == kind && slices.Contains(parts, part(entry.For)) {
			ids = append(ids, entry.ID)
		}
	}
	return ids
}

// holds reports whether a task definition is one of serin's for one of the parts.
func (m *made) holds(definition string, parts ...part) bool {
	for i := range m.list {
		if entry := &m.list[i]; entry.Kind == kindDefinition && entry.ID == definition && slices.Contains(parts, part(entry.For)) {
			return true
		}
	}
	return false
}

// The count that serin gave to a service is recorded with the step it was for: the running primary tasks, of which it
// is a share, may change before the step is reached, and the count must not follow them.
const restingCount = release.Weight(0)

func countID(count int32, w release.Weight) string {
	if w == restingCount {
		return fmt.Sprintf("%d at rest", count)
	}
	return fmt.Sprintf("%d for %d %%", count, w)
}

// countOf reads the count of a countID.
func countOf(id string) (count int32, ok bool) {
	digits, _, _ := strings.Cut(id, " ")
	n, err := strconv.ParseInt(digits, 10, 32)
	return int32(n), err == nil
}

// count returns the count that was decided for a weight.
func (m *made) count(w release.Weight) (int32, bool) {
	for _, id := range m.of(kindCount, forCanary) {
		if count, ok := countOf(id); ok && id == countID(count, w) {
			return count, true
		}
	}
	return 0, false
}

// gave reports whether serin gave the canary service this count in any step, and whether it recorded any.
func (m *made) gave(count int32) (gave, recorded bool) {
	ids := m.of(kindCount, forCanary)
	for _, id := range ids {
		if n, ok := countOf(id); ok && n == count {
			return true, true
		}
	}
	return false, len(ids) > 0
}
