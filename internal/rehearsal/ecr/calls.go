package ecr

import (
	"context"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/serin-aws/serin/internal/rehearsal/door"
)

// option is what the SDK's calls accept and a simulated one ignores.
type option = func(*sdk.Options)

func call[In, Out any](ctx context.Context, action string, in *In, effect func(*In) (*Out, error)) (*Out, error) {
	return door.Call(ctx, action, in, func() (*Out, error) { return effect(in) })
}

// DescribeImages is the operation of that name.
func (r *Registry) DescribeImages(ctx context.Context, in *sdk.DescribeImagesInput, _ ...option) (*sdk.DescribeImagesOutput, error) {
	return call(ctx, "ecr:DescribeImages", in, r.describeImages)
}

// BatchGetImage is the operation of that name.
func (r *Registry) BatchGetImage(ctx context.Context, in *sdk.BatchGetImageInput, _ ...option) (*sdk.BatchGetImageOutput, error) {
	return call(ctx, "ecr:BatchGetImage", in, r.batchGetImage)
}

// DescribeRepositories is the operation of that name.
func (r *Registry) DescribeRepositories(ctx context.Context, in *sdk.DescribeRepositoriesInput, _ ...option) (*sdk.DescribeRepositoriesOutput, error) {
	return call(ctx, "ecr:DescribeRepositories", in, r.describeRepositories)
}

// describeImages answers for the images named, all of which must exist, or for all images of a repository.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
func (r *Registry) describeImages(in *sdk.DescribeImagesInput) (*sdk.DescribeImagesOutput, error) {
	repo, err := r.known(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	found := repo.images
	if len(in.ImageIds) > 0 {
		if len(in.ImageIds) > 100 || in.MaxResults != nil || in.NextToken != nil {
			return nil, invalid("imageIds takes 1 to 100 entries and cannot be combined with maxResults or nextToken")
		}
		found = make([]*stored, 0, len(in.ImageIds))
		for i := range in.ImageIds {
			img, err := repo.identified(&in.ImageIds[i])
			if err != nil {
				return nil, err
			}
			if !slices.Contains(found, img) {
				found = append(found, img)
			}
		}
		return &sdk.DescribeImagesOutput{ImageDetails: repo.details(found)}, nil
	}
	if in.Filter != nil && in.Filter.TagStatus != "" && in.Filter.TagStatus != types.TagStatusAny {
		tagged := in.Filter.TagStatus == types.TagStatusTagged
		found = slices.DeleteFunc(slices.Clone(found), func(img *stored) bool { return (len(img.tags) > 0) != tagged })
	}
	from, to, next, err := page(len(found), in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeImagesOutput{ImageDetails: repo.details(found[from:to]), NextToken: next}, nil
}

func (repo *repository) details(images []*stored) []types.ImageDetail {
	out := make([]types.ImageDetail, len(images))
	for i, img := range images {
		out[i] = types.ImageDetail{
			RegistryId: aws.String(account), RepositoryName: aws.String(repo.name), ImageDigest: aws.String(img.digest),
			ImageTags: slices.Clone(img.tags), ImagePushedAt: aws.Time(img.pushed), ImageSizeInBytes: aws.Int64(48 << 20),
			ImageManifestMediaType: aws.String(mediaType), ImageStatus: types.ImageStatusActive,
		}
	}
	return out
}

const mediaType = "application/vnd.oci.image.manifest.v1+json"

// identified finds an image by digest or tag; with both, the tag must point at the digest.
func (repo *repository) identified(id *types.ImageIdentifier) (*stored, error) {
	digest, tag := aws.ToString(id.ImageDigest), aws.ToString(id.ImageTag)
	if digest == "" && tag == "" {
		return nil, invalid("an image identifier needs an imageTag or an imageDigest")
	}
	img := repo.image(digest)
	if digest == "" {
		img = repo.tags[tag]
	}
	if img == nil || tag != "" && repo.tags[tag] != img {
		text := "The image with imageId " + printed(id) + " does not exist within the repository with name '" + repo.name +
			"' in the registry with id '" + account + "'"
		return nil, &types.ImageNotFoundException{Message: &text}
	}
	return img, nil
}

func printed(id *types.ImageIdentifier) string {
	quoted := func(p *string) string {
		if p == nil {
			return "'null'"
		}
		return "'" + *p + "'"
	}
	return "{imageDigest:" + quoted(id.ImageDigest) + ", imageTag:" + quoted(id.ImageTag) + "}"
}

// batchGetImage answers with manifests; what does not exist is a failure, not an error.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
func (r *Registry) batchGetImage(in *sdk.BatchGetImageInput) (*sdk.BatchGetImageOutput, error) {
	repo, err := r.known(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if len(in.ImageIds) == 0 || len(in.ImageIds) > 100 {
		return nil, invalid("imageIds takes 1 to 100 entries")
	}
	out := &sdk.BatchGetImageOutput{}
	for i := range in.ImageIds {
		id := types.ImageIdentifier{ImageDigest: copied(in.ImageIds[i].ImageDigest), ImageTag: copied(in.ImageIds[i].ImageTag)}
		img, err := repo.identified(&id)
		if err != nil {
			out.Failures = append(out.Failures, types.ImageFailure{
				ImageId: &id, FailureCode: types.ImageFailureCodeImageNotFound, FailureReason: aws.String("Requested image not found"),
			})
			continue
		}
		id.ImageDigest = aws.String(img.digest)
		out.Images = append(out.Images, types.Image{
			RegistryId: aws.String(account), RepositoryName: aws.String(repo.name), ImageId: &id,
			ImageManifest:          aws.String(`{"schemaVersion":2,"mediaType":"` + mediaType + `"}`),
			ImageManifestMediaType: aws.String(mediaType),
		})
	}
	return out, nil
}

func (r *Registry) describeRepositories(in *sdk.DescribeRepositoriesInput) (*sdk.DescribeRepositoriesOutput, error) {
	found := r.repositories
	if len(in.RepositoryNames) > 0 {
		found = nil
		for i := range in.RepositoryNames {
			repo, err := r.known(&in.RepositoryNames[i])
			if err != nil {
				return nil, err
			}
			found = append(found, repo)
		}
	}
	from, to, next, err := page(len(found), in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeRepositoriesOutput{NextToken: next}
	for _, repo := range found[from:to] {
		out.Repositories = append(out.Repositories, types.Repository{
			RegistryId: aws.String(account), RepositoryName: aws.String(repo.name), RepositoryUri: aws.String(URI(repo.name)),
			RepositoryArn: aws.String("arn:aws:ecr:" + region + ":" + account + ":repository/" + repo.name),
			CreatedAt:     aws.Time(repo.created), ImageTagMutability: types.ImageTagMutabilityMutable,
		})
	}
	return out, nil
}

func (r *Registry) known(name *string) (*repository, error) {
	if repo := r.find(aws.ToString(name)); repo != nil {
		return repo, nil
	}
	text := "The repository with name '" + aws.ToString(name) + "' does not exist in the registry with id '" + account + "'"
	return nil, &types.RepositoryNotFoundException{Message: &text}
}

func invalid(text string) error { return &types.InvalidParameterException{Message: &text} }

func copied(p *string) *string {
	if p == nil {
		return nil
	}
	return aws.String(*p)
}

// page cuts a list, 100 entries where the caller asks for no size. A token is the index where the next page begins.
func page(length int, size *int32, token *string) (from, to int, next *string, err error) {
	limit := 100
	if size != nil {
		if *size < 1 || *size > 1000 {
			return 0, 0, nil, invalid("maxResults must be between 1 and 1000")
		}
		limit = int(*size)
	}
	if token != nil {
		if from, err = strconv.Atoi(*token); err != nil || from < 0 {
			return 0, 0, nil, invalid("invalid nextToken")
		}
		from = min(from, length)
	}
	to = min(length, from+limit)
	if to < length {
		next = aws.String(strconv.Itoa(to))
	}
	return from, to, next, nil
}
