package world

import (
	"fmt"

	"github.com/serin-aws/serin/internal/rehearsal/ecr"
	"github.com/serin-aws/serin/internal/release"
)

// Offer is a version that comes up for release while a rehearsal is under way.
type Offer struct {
	Name     string           // tells it from the others of the run
	Revision release.Revision // as a person, or a pipeline, names it
	Event    map[string]any   // what EventBridge passes on of it; nil where nothing does, and a pipeline starts its release
}

// NameOf is the name of the n-th offer of a run, from 0: the tag of its image where it is one.
func NameOf(n int) string { return fmt.Sprintf("release-%d", n+1) }

// Push pushes the n-th image of a run: first the new version, which the world knows by its digest, then others.
func Push(site Site, registry *ecr.Registry, repository, fresh string, n int) Offer {
	tag, digest := NameOf(n), fresh
	if n > 0 {
		digest = ecr.Digest("pushed as " + tag)
	}
	registry.PushImage(repository, digest, tag)
	return Offer{
		Name: tag, Revision: release.Revision{Image: repository + ":" + tag},
		Event: map[string]any{
			"source": "aws.ecr", "detail-type": "ECR Image Action", "account": site.Account, "region": site.Region,
			"detail": map[string]any{
				"result": "SUCCESS", "action-type": "PUSH", "repository-name": repository, "image-tag": tag, "image-digest": digest,
			},
		},
	}
}
