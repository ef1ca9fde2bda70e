package imagegate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"

	"github.com/serin-aws/serin/internal/release"
)

// counts are findings by severity, in small letters. What has no severity yet is counted under the name that ECR or
// Inspector gives that: undefined, untriaged.
type counts map[release.Severity]int

func (c counts) total() int {
	total := 0
	for _, n := range c {
		total += n
	}
	return total
}

// from returns those that are at least so severe.
func (c counts) from(severity release.Severity) counts {
	order, bad := release.Severities(), counts{}
	for _, s := range order[slices.Index(order, severity):] {
		if c[s] > 0 {
			bad[s] = c[s]
		}
	}
	return bad
}

// String lists them, the worst first: "1 critical, 3 high".
func (c counts) String() string {
	names := release.Severities()
	slices.Reverse(names)
	names = append(names, "informational", "undefined", "untriaged")
	var parts []string
	for _, s := range names {
		if c[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c[s], s))
		}
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

// answer is what all pages of a scan's findings say together.
type answer struct {
	status      types.ScanStatus
	description string
	told        bool   // there were findings to be counted, be it none
	found       counts // without those that people have suppressed
	names       map[release.Severity][]string
}

// says is ECR's own explanation, as a part of a sentence.
func (a answer) says() string {
	if a.description == "" {
		return ""
	}
	return " (" + a.description + ")"
}

// examples names up to three findings that are at least so severe, the worst first.
func (a answer) examples(severity release.Severity) string {
	order := release.Severities()
	order = order[slices.Index(order, severity):]
	slices.Reverse(order)
	var names []string
	for _, s := range order {
		names = append(names, a.names[s]...)
	}
	const most = 3
	switch {
	case len(names) == 0:
		return ""
	case len(names) > most:
		names = append(names[:most], "...")
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// tooMany is more pages than ten thousand findings have.
const tooMany = 200

// read reads all pages of a scan's findings.
func (g *Gate) read(ctx context.Context, s scan) (answer, error) {
	a := answer{found: counts{}, names: map[release.Severity][]string{}}
	listed, summed := counts{}, counts{}
	in := &ecr.DescribeImageScanFindingsInput{
		RepositoryName: aws.String(s.repository), ImageId: &types.ImageIdentifier{ImageDigest: aws.String(string(s.digest))}, MaxResults: aws.Int32(1000),
	}
	for range tooMany {
		out, err := g.scans.DescribeImageScanFindings(ctx, in)
		if err != nil {
			return a, err
		}
		if out.ImageScanStatus != nil {
			a.status, a.description = out.ImageScanStatus.Status, aws.ToString(out.ImageScanStatus.Description)
		}
		if found := out.ImageScanFindings; found != nil {
			a.told = true
			a.add(found, listed)
			for severity, n := range found.FindingSeverityCounts { // of the whole scan, on every page
				summed[small(severity)] = max(summed[small(severity)], int(n))
			}
		}
		if aws.ToString(out.NextToken) == "" {
			for severity, n := range summed { // what the sum knows and the list does not is there all the same
				a.found[severity] += max(0, n-listed[severity])
			}
			return a, nil
		}
		in.NextToken = out.NextToken
	}
	return a, release.Errorf(release.Unexpected, s.op(), "its findings have no end: more than %d pages", tooMany)
}

// add counts the findings of a page; listed counts the suppressed ones, too.
func (a *answer) add(found *types.ImageScanFindings, listed counts) {
	for _, f := range found.Findings {
		a.count(small(string(f.Severity)), aws.ToString(f.Name), listed)
	}
	for _, f := range found.EnhancedFindings {
		severity := small(aws.ToString(f.Severity))
		if status := aws.ToString(f.Status); status == "SUPPRESSED" || status == "CLOSED" {
			listed[severity]++
			continue
		}
		name := aws.ToString(f.Title)
		if f.PackageVulnerabilityDetails != nil && f.PackageVulnerabilityDetails.VulnerabilityId != nil {
			name = *f.PackageVulnerabilityDetails.VulnerabilityId
		}
		a.count(severity, name, listed)
	}
}

func (a *answer) count(severity release.Severity, name string, listed counts) {
	listed[severity]++
	a.found[severity]++
	a.names[severity] = append(a.names[severity], name)
}

func small(severity string) release.Severity { return release.Severity(strings.ToLower(severity)) }
