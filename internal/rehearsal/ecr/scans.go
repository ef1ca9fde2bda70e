package ecr

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
)

// Scan is what scanning a pushed image comes to. The zero value is a scan that ends at once and finds nothing.
type Scan struct {
	Since    time.Time        // images that were pushed before are scanned from then on
	Takes    time.Duration    // from then, or from the push, until there are findings
	Status   types.ScanStatus // how it ends; empty: COMPLETE
	Findings map[string]int   // by severity, in capitals
}

// ScanOnPush lets every image that is pushed to a repository be scanned, with the same result.
func (r *Registry) ScanOnPush(repository string, scan Scan) { r.repository(repository).scan = &scan }

// DescribeImageScanFindings is the operation of that name.
func (r *Registry) DescribeImageScanFindings(ctx context.Context, in *sdk.DescribeImageScanFindingsInput, _ ...option) (*sdk.DescribeImageScanFindingsOutput, error) {
	return call(ctx, "ecr:DescribeImageScanFindings", in, r.describeImageScanFindings)
}

// BatchGetRepositoryScanningConfiguration is the operation of that name.
func (r *Registry) BatchGetRepositoryScanningConfiguration(ctx context.Context, in *sdk.BatchGetRepositoryScanningConfigurationInput, _ ...option) (*sdk.BatchGetRepositoryScanningConfigurationOutput, error) {
	return call(ctx, "ecr:BatchGetRepositoryScanningConfiguration", in, r.batchGetRepositoryScanningConfiguration)
}

// describeImageScanFindings answers the findings of basic scanning, a page at a time.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
func (r *Registry) describeImageScanFindings(in *sdk.DescribeImageScanFindingsInput) (*sdk.DescribeImageScanFindingsOutput, error) {
	repo, err := r.known(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if in.ImageId == nil {
		return nil, invalid("imageId is required")
	}
	img, err := repo.identified(in.ImageId)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeImageScanFindingsOutput{RepositoryName: aws.String(repo.name), RegistryId: aws.String(account), ImageId: img.id()}
	switch scan := repo.scan; {
	case scan == nil:
		text := "Image scan does not exist for the image with '" + img.digest + "' in the repository with name '" + repo.name + "'"
		return nil, &types.ScanNotFoundException{Message: &text}
	case r.loop.Now().Before(scan.begins(img.pushed).Add(scan.Takes)):
		out.ImageScanStatus = &types.ImageScanStatus{Status: types.ScanStatusInProgress}
	case scan.Status != "" && scan.Status != types.ScanStatusComplete:
		out.ImageScanStatus = &types.ImageScanStatus{Status: scan.Status, Description: aws.String("simulated")}
	default:
		out.ImageScanStatus = &types.ImageScanStatus{Status: types.ScanStatusComplete, Description: aws.String("The scan was completed successfully.")}
		err = scan.page(in, out)
	}
	return out, err
}

func (s *Scan) begins(pushed time.Time) time.Time {
	if pushed.Before(s.Since) {
		return s.Since
	}
	return pushed
}

func (img *stored) id() *types.ImageIdentifier {
	return &types.ImageIdentifier{ImageDigest: aws.String(img.digest)}
}

// page fills in one page of findings, and their sums.
func (s *Scan) page(in *sdk.DescribeImageScanFindingsInput, out *sdk.DescribeImageScanFindingsOutput) error {
	found := &types.ImageScanFindings{FindingSeverityCounts: map[string]int32{}}
	var all []types.ImageScanFinding
	for _, severity := range slices.Sorted(maps.Keys(s.Findings)) {
		found.FindingSeverityCounts[severity] = int32(s.Findings[severity])
		for range s.Findings[severity] {
			all = append(all, types.ImageScanFinding{Name: aws.String("CVE-" + strings.ToLower(severity)), Severity: types.FindingSeverity(severity)})
		}
	}
	from, to, next, err := page(len(all), in.MaxResults, in.NextToken)
	if err != nil {
		return err
	}
	found.Findings, out.NextToken, out.ImageScanFindings = all[from:to], next, found
	return nil
}

// batchGetRepositoryScanningConfiguration tells whether images are scanned when they are pushed.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetRepositoryScanningConfiguration.html
func (r *Registry) batchGetRepositoryScanningConfiguration(in *sdk.BatchGetRepositoryScanningConfigurationInput) (*sdk.BatchGetRepositoryScanningConfigurationOutput, error) {
	out := &sdk.BatchGetRepositoryScanningConfigurationOutput{}
	for _, name := range in.RepositoryNames {
		repo := r.find(name)
		if repo == nil {
			out.Failures = append(out.Failures, types.RepositoryScanningConfigurationFailure{RepositoryName: aws.String(name), FailureCode: types.ScanningConfigurationFailureCodeRepositoryNotFound})
			continue
		}
		c := types.RepositoryScanningConfiguration{RepositoryName: aws.String(name), ScanFrequency: types.ScanFrequencyManual}
		if repo.scan != nil {
			c.ScanOnPush, c.ScanFrequency = true, types.ScanFrequencyScanOnPush
		}
		out.ScanningConfigurations = append(out.ScanningConfigurations, c)
	}
	return out, nil
}
