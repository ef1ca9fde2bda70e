package ecr

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/ecr"
)

// Handle answers the input of any operation the simulation knows, for a middleware that stands in a real SDK client;
// known is false for every other input.
func (r *Registry) Handle(ctx context.Context, params any) (out any, known bool, err error) {
	known = true
	switch in := params.(type) {
	case *sdk.DescribeImagesInput:
		out, err = r.DescribeImages(ctx, in)
	case *sdk.BatchGetImageInput:
		out, err = r.BatchGetImage(ctx, in)
	case *sdk.DescribeImageScanFindingsInput:
		out, err = r.DescribeImageScanFindings(ctx, in)
	case *sdk.BatchGetRepositoryScanningConfigurationInput:
		out, err = r.BatchGetRepositoryScanningConfiguration(ctx, in)
	case *sdk.DescribeRepositoriesInput:
		out, err = r.DescribeRepositories(ctx, in)
	default:
		known = false
	}
	return out, known, err
}
