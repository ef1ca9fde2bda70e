package ecsqueue

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/serin-aws/serin/internal/awserr"
	"github.com/serin-aws/serin/internal/release"
)

var (
	digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	// An ECR host: account, region; also FIPS and dual-stack spellings.
	ecrHost = regexp.MustCompile(`^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.`)
)

// reference is an image as task definitions write it: [registry/]repository[:tag][@digest].
type reference struct {
	registry   string // host, possibly with a port; empty for Docker Hub and for short forms
	repository string
	tag        string
	digest     release.Digest
}

// parseReference reads an image reference. The first part is a registry only if it looks like a host, as Docker has it.
func parseReference(text string) (reference, error) {
	var ref reference
	rest, digest, pinned := strings.Cut(text, "@")
	if pinned && !digestForm.MatchString(digest) {
		return ref, fmt.Errorf("%q has no digest of the form sha256:<64 hex digits> behind the @", text)
	}
	ref.digest = release.Digest(digest)
	if first, after, ok := strings.Cut(rest, "/"); ok && (strings.ContainsAny(first, ".:") || first == "localhost") {
		ref.registry, rest = first, after
	}
	var tagged bool
	ref.repository, ref.tag, tagged = strings.Cut(rest, ":")
	if ref.repository == "" || tagged && ref.tag == "" || strings.ContainsAny(text, " \t\r\n") || strings.Contains(ref.tag, "/") || strings.Contains(ref.tag, ":") {
		return ref, fmt.Errorf("%q is not an image; write repository:tag or repository@sha256:...", text)
	}
	return ref, nil
}

// name returns the reference without tag and digest.
func (r reference) name() string {
	if r.registry == "" {
		return r.repository
	}
	return r.registry + "/" + r.repository
}

// at returns the reference with a digest in place of its tag: what is pulled never changes again.
func (r reference) at(digest release.Digest) string { return r.name() + "@" + string(digest) }

// repository is where the target's images live.
type repository struct {
	registry string // host as the task definitions write it
	account  string // of the registry; empty for the caller's own
	name     string
}

// holds reports whether an image is of this repository.
func (r repository) holds(ref reference) bool {
	return ref.repository == r.name && ref.registry == r.registry
}

// repositoryOf returns the target's repository. The registry is the one that the baseline pulls from; where the
// baseline comes from another repository it is the registry of the service's own account and region.
func repositoryOf(source release.Source, baseline reference, service arnParts) repository {
	if source.ECR == nil || source.ECR.Repository == "" || source.ECR.Repository == baseline.repository {
		repo := repository{registry: baseline.registry, name: baseline.repository}
		if host := ecrHost.FindStringSubmatch(baseline.registry); host != nil {
			repo.account = host[1]
		}
		return repo
	}
	domain := "amazonaws.com"
	if service.partition == "aws-cn" {
		domain = "amazonaws.com.cn"
	}
	host := fmt.Sprintf("%s.dkr.ecr.%s.%s", service.account, service.region, domain)
	return repository{registry: host, account: service.account, name: source.ECR.Repository}
}

// find returns the digest of an image of the repository that can be pulled, given a tag or a digest.
// An image that does not exist, or that was archived, is NotFound.
func (p *Platform) find(ctx context.Context, repo repository, image reference) (release.Digest, error) {
	id, what := ecrtypes.ImageIdentifier{ImageTag: aws.String(image.tag)}, "tag "+image.tag
	if image.digest != "" {
		id, what = ecrtypes.ImageIdentifier{ImageDigest: aws.String(string(image.digest))}, string(image.digest)
	}
	op := fmt.Sprintf("look for %s in repository %s", what, repo.name)
	in := &ecr.DescribeImagesInput{RepositoryName: aws.String(repo.name), ImageIds: []ecrtypes.ImageIdentifier{id}}
	if repo.account != "" {
		in.RegistryId = aws.String(repo.account)
	}
	out, err := p.clients.ECR.DescribeImages(ctx, in)
	switch {
	case awserr.Is(err, "RepositoryNotFoundException"):
		return "", release.Errorf(release.NotFound, op, "the repository does not exist in registry %s; check source.ecr.repository", repo.registry)
	case awserr.Is(err, "ImageNotFoundException"):
		return "", release.Errorf(release.NotFound, op, "no such image; push it first, or check whether a lifecycle rule removed it")
	case err != nil:
		return "", awserr.Wrap(op, err)
	}
	for _, detail := range out.ImageDetails {
		if detail.ImageStatus != "" && detail.ImageStatus != ecrtypes.ImageStatusActive {
			return "", release.Errorf(release.NotFound, op, "the image is %s and cannot be pulled; restore it in ECR first", strings.ToLower(string(detail.ImageStatus)))
		}
		if digest := aws.ToString(detail.ImageDigest); digestForm.MatchString(digest) {
			return release.Digest(digest), nil
		}
	}
	return "", release.Errorf(release.NotFound, op, "ECR names no digest for it")
}
