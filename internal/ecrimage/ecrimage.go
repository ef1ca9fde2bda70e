// Package ecrimage reads the names of container images and finds them in Amazon ECR, so that every platform pins an image
// by the same rules: to a digest, in the target's own repository, and only if it can be pulled.
package ecrimage

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

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

// Client is what this package asks of Amazon ECR.
type Client interface {
	DescribeImages(context.Context, *ecr.DescribeImagesInput, ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error)
}

// Reference is an image as people and task definitions write it: [registry/]repository[:tag][@digest].
type Reference struct {
	Registry   string // host, possibly with a port; empty for Docker Hub and for short forms
	Repository string
	Tag        string
	Digest     release.Digest
}

// IsDigest reports whether a text is a digest: sha256: and 64 hex digits.
func IsDigest(text string) bool { return digestForm.MatchString(text) }

// Parse reads an image reference. The first part is a registry only if it looks like a host, as Docker has it.
func Parse(text string) (Reference, error) {
	var ref Reference
	rest, digest, pinned := strings.Cut(text, "@")
	if pinned && !digestForm.MatchString(digest) {
		return ref, fmt.Errorf("%q has no digest of the form sha256:<64 hex digits> behind the @", text)
	}
	ref.Digest = release.Digest(digest)
	if first, after, ok := strings.Cut(rest, "/"); ok && (strings.ContainsAny(first, ".:") || first == "localhost") {
		ref.Registry, rest = first, after
	}
	var tagged bool
	ref.Repository, ref.Tag, tagged = strings.Cut(rest, ":")
	if ref.Repository == "" || tagged && ref.Tag == "" || strings.ContainsAny(text, " \t\r\n") || strings.Contains(ref.Tag, "/") || strings.Contains(ref.Tag, ":") {
		return ref, fmt.Errorf("%q is not an image; write repository:tag or repository@sha256:...", text)
	}
	return ref, nil
}

// Name returns the reference without tag and digest.
func (r Reference) Name() string {
	if r.Registry == "" {
		return r.Repository
	}
	return r.Registry + "/" + r.Repository
}

// At returns the reference with a digest in place of its tag: what is pulled never changes again.
func (r Reference) At(digest release.Digest) string { return r.Name() + "@" + string(digest) }

// Private returns the account and region of an image in a private registry of Amazon ECR.
func (r Reference) Private() (home Home, ok bool) {
	host := ecrHost.FindStringSubmatch(r.Registry)
	if host == nil {
		return Home{}, false
	}
	return Home{Account: host[1], Region: host[2]}, true
}

// Repository is where a target's images live.
type Repository struct {
	Registry string // host as the workload writes it
	Account  string // of the registry; empty for the caller's own
	Name     string
}

// Home is where a workload itself lives.
type Home struct {
	Partition, Region, Account string
}

// Holds reports whether an image is of this repository.
func (r Repository) Holds(ref Reference) bool {
	return ref.Repository == r.Name && ref.Registry == r.Registry
}

// RepositoryOf returns the target's repository. The registry is the one that the baseline pulls from; where the
// baseline comes from another repository it is the registry of the workload's own account and region.
func RepositoryOf(source release.Source, baseline Reference, home Home) Repository {
	if source.ECR == nil || source.ECR.Repository == "" || source.ECR.Repository == baseline.Repository {
		repo := Repository{Registry: baseline.Registry, Name: baseline.Repository}
		if home, ok := baseline.Private(); ok {
			repo.Account = home.Account
		}
		return repo
	}
	domain := "amazonaws.com"
	if home.Partition == "aws-cn" {
		domain = "amazonaws.com.cn"
	}
	host := fmt.Sprintf("%s.dkr.ecr.%s.%s", home.Account, home.Region, domain)
	return Repository{Registry: host, Account: home.Account, Name: source.ECR.Repository}
}

// Image is an image as the repository has it.
type Image struct {
	Digest release.Digest
	Pushed time.Time // when it was pushed; zero where ECR does not say
}

// Find returns the digest of an image, as Look does.
func Find(ctx context.Context, client Client, repo Repository, image Reference) (release.Digest, error) {
	found, err := Look(ctx, client, repo, image)
	return found.Digest, err
}

// Look returns an image of the repository that can be pulled, given a tag or a digest.
// An image that does not exist, or that was archived, is NotFound.
func Look(ctx context.Context, client Client, repo Repository, image Reference) (Image, error) {
	id, what := ecrtypes.ImageIdentifier{ImageTag: aws.String(image.Tag)}, "tag "+image.Tag
	if image.Digest != "" {
		id, what = ecrtypes.ImageIdentifier{ImageDigest: aws.String(string(image.Digest))}, string(image.Digest)
	}
	op := fmt.Sprintf("look for %s in repository %s", what, repo.Name)
	in := &ecr.DescribeImagesInput{RepositoryName: aws.String(repo.Name), ImageIds: []ecrtypes.ImageIdentifier{id}}
	if repo.Account != "" {
		in.RegistryId = aws.String(repo.Account)
	}
	out, err := client.DescribeImages(ctx, in)
	switch {
	case awserr.Is(err, "RepositoryNotFoundException"):
		return Image{}, release.Errorf(release.NotFound, op, "the repository does not exist in registry %s; check source.ecr.repository", repo.Registry)
	case awserr.Is(err, "ImageNotFoundException"):
		return Image{}, release.Errorf(release.NotFound, op, "no such image; push it first, or check whether a lifecycle rule removed it")
	case err != nil:
		return Image{}, awserr.Wrap(op, err)
	}
	for _, detail := range out.ImageDetails {
		if detail.ImageStatus != "" && detail.ImageStatus != ecrtypes.ImageStatusActive {
			return Image{}, release.Errorf(release.NotFound, op, "the image is %s and cannot be pulled; restore it in ECR first", strings.ToLower(string(detail.ImageStatus)))
		}
		if digest := aws.ToString(detail.ImageDigest); digestForm.MatchString(digest) {
			return Image{Digest: release.Digest(digest), Pushed: aws.ToTime(detail.ImagePushedAt)}, nil
		}
	}
	return Image{}, release.Errorf(release.NotFound, op, "ECR names no digest for it")
}
