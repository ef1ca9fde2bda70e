package ecr

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"

	"github.com/serin-aws/serin/internal/rehearsal/door"
	"github.com/serin-aws/serin/internal/rehearsal/loop"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

type world struct {
	loop *loop.Loop
	door *door.Door
	*Registry
}

func newWorld() *world {
	l := loop.New(start, 1)
	return &world{loop: l, door: door.New(l, nil, nil), Registry: New(l)}
}

// within runs calls in the name of an invocation.
func (w *world) within(calls func(ctx context.Context)) {
	over := false
	w.door.Invoke("test", "request", time.Hour, calls, func(bool) { over = true })
	for !over {
		w.loop.Step()
	}
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

var one, two = Digest("one"), Digest("two")

func TestResolve(t *testing.T) {
	w := newWorld()
	uri := w.CreateRepository("team/orders")
	w.PushImage("team/orders", one, "latest", "release-1")
	w.PushImage("team/orders", two)
	w.AddForeign("public.ecr.aws/xray:3", Digest("xray"))
	for image, want := range map[string]string{
		uri:                                     one, // the tag latest
		uri + ":release-1":                      one,
		uri + "@" + two:                         two,
		uri + ":any@" + two:                     two, // a digest decides
		uri + ":release-2":                      "",
		uri + "@" + Digest("none"):              "",
		"team/orders:latest":                    "",
		URI("orders"):                           "",
		"localhost:5000/orders":                 "",
		"public.ecr.aws/xray:3":                 Digest("xray"),
		"public.ecr.aws/xray@" + Digest("xray"): Digest("xray"),
		"public.ecr.aws/xray:4":                 "",
		"":                                      "",
	} {
		if got, ok := w.Resolve(image); got != want || ok != (want != "") {
			t.Errorf("%s: %s %v", image, got, ok)
		}
	}
}

func TestTagsMoveAndImagesExpire(t *testing.T) {
	w := newWorld()
	w.PushImage("orders", one, "latest", "release-1")
	w.loop.AdvanceTo(start.Add(time.Hour))
	w.PushImage("orders", two, "latest")
	if got, _ := w.Resolve(URI("orders")); got != two {
		t.Errorf("latest is %s", got)
	}
	if !w.MoveTag("orders", "latest", one) || w.MoveTag("orders", "latest", Digest("none")) || w.MoveTag("payments", "latest", one) {
		t.Error("a tag can point at what is not there, or not at what is")
	}
	if got, _ := w.Resolve(URI("orders")); got != one {
		t.Errorf("latest is %s", got)
	}
	w.PushImage("orders", one, "latest") // again: it keeps its age and has the tag once
	w.within(func(ctx context.Context) {
		out, err := w.DescribeImages(ctx, &sdk.DescribeImagesInput{RepositoryName: aws.String("orders"), ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("latest")}}})
		if err != nil || len(out.ImageDetails) != 1 {
			t.Fatalf("%v, %v", out, err)
		}
		img := out.ImageDetails[0]
		if *img.ImageDigest != one || !img.ImagePushedAt.Equal(start) || !slices.Equal(img.ImageTags, []string{"release-1", "latest"}) {
			t.Errorf("%+v", img)
		}
		img.ImageTags[0], *img.ImageDigest = "spoilt", "spoilt"
		if got, _ := w.Resolve(URI("orders") + ":release-1"); got != one || w.repositories[0].images[0].tags[0] == "spoilt" {
			t.Error("an answer is a window into the world")
		}
	})
	w.Expire("orders", one)
	w.Expire("orders", one)
	w.Expire("payments", one)
	for _, image := range []string{URI("orders"), URI("orders") + ":release-1", URI("orders") + "@" + one} {
		if _, ok := w.Resolve(image); ok {
			t.Errorf("%s is still there", image)
		}
	}
}

// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
func TestDescribeImages(t *testing.T) {
	w := newWorld()
	w.PushImageAt(start.Add(-time.Hour), "orders", one, "release-1")
	w.PushImage("orders", two)
	tag := func(tag string) types.ImageIdentifier { return types.ImageIdentifier{ImageTag: &tag} }
	digest := func(d string) types.ImageIdentifier { return types.ImageIdentifier{ImageDigest: &d} }
	for name, c := range map[string]struct {
		in   sdk.DescribeImagesInput
		want []string
		code string
	}{
		"all":            {in: sdk.DescribeImagesInput{}, want: []string{one, two}},
		"by tag":         {in: sdk.DescribeImagesInput{ImageIds: []types.ImageIdentifier{tag("release-1")}}, want: []string{one}},
		"by digest":      {in: sdk.DescribeImagesInput{ImageIds: []types.ImageIdentifier{digest(two)}}, want: []string{two}},
		"twice":          {in: sdk.DescribeImagesInput{ImageIds: []types.ImageIdentifier{digest(one), tag("release-1")}}, want: []string{one}},
		"tagged":         {in: sdk.DescribeImagesInput{Filter: &types.DescribeImagesFilter{TagStatus: types.TagStatusTagged}}, want: []string{one}},
		"untagged":       {in: sdk.DescribeImagesInput{Filter: &types.DescribeImagesFilter{TagStatus: types.TagStatusUntagged}}, want: []string{two}},
		"no such tag":    {in: sdk.DescribeImagesInput{ImageIds: []types.ImageIdentifier{digest(one), tag("release-2")}}, code: "ImageNotFoundException"},
		"no such digest": {in: sdk.DescribeImagesInput{ImageIds: []types.ImageIdentifier{digest(Digest("x"))}}, code: "ImageNotFoundException"},
		"tag of another": {in: sdk.DescribeImagesInput{ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("release-1"), ImageDigest: &two}}}, code: "ImageNotFoundException"},
		"neither":        {in: sdk.DescribeImagesInput{ImageIds: []types.ImageIdentifier{{}}}, code: "InvalidParameterException"},
		"ids and a page": {in: sdk.DescribeImagesInput{ImageIds: []types.ImageIdentifier{digest(one)}, MaxResults: aws.Int32(1)}, code: "InvalidParameterException"},
		"no repository":  {in: sdk.DescribeImagesInput{RepositoryName: aws.String("payments")}, code: "RepositoryNotFoundException"},
	} {
		if c.in.RepositoryName == nil {
			c.in.RepositoryName = aws.String("orders")
		}
		w.within(func(ctx context.Context) {
			out, err := w.DescribeImages(ctx, &c.in)
			if code(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
			var got []string
			if err == nil {
				for _, img := range out.ImageDetails {
					got = append(got, *img.ImageDigest)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v", name, got)
			}
		})
	}
}

func TestPages(t *testing.T) {
	w := newWorld()
	for i := range 7 {
		w.PushImage("orders", Digest(string(rune('a'+i))))
	}
	w.within(func(ctx context.Context) {
		in := &sdk.DescribeImagesInput{RepositoryName: aws.String("orders"), MaxResults: aws.Int32(3)}
		var pages []int
		for {
			out, err := w.DescribeImages(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, len(out.ImageDetails))
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
		}
		if !slices.Equal(pages, []int{3, 3, 1}) {
			t.Errorf("%v", pages)
		}
		for _, bad := range []*sdk.DescribeImagesInput{{MaxResults: aws.Int32(0)}, {NextToken: aws.String("x")}} {
			bad.RepositoryName = aws.String("orders")
			if _, err := w.DescribeImages(ctx, bad); code(err) != "InvalidParameterException" {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}

// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
func TestBatchGetImage(t *testing.T) {
	w := newWorld()
	w.PushImage("orders", one, "release-1")
	w.within(func(ctx context.Context) {
		out, err := w.BatchGetImage(ctx, &sdk.BatchGetImageInput{RepositoryName: aws.String("orders"), ImageIds: []types.ImageIdentifier{{ImageTag: aws.String("release-1")}, {ImageTag: aws.String("release-2")}}})
		if err != nil || len(out.Images) != 1 || *out.Images[0].ImageId.ImageDigest != one || !strings.Contains(*out.Images[0].ImageManifest, mediaType) ||
			len(out.Failures) != 1 || out.Failures[0].FailureCode != types.ImageFailureCodeImageNotFound || *out.Failures[0].ImageId.ImageTag != "release-2" {
			t.Errorf("%+v, %v", out, err)
		}
		if _, err := w.BatchGetImage(ctx, &sdk.BatchGetImageInput{RepositoryName: aws.String("payments")}); code(err) != "RepositoryNotFoundException" {
			t.Error(err)
		}
		if _, err := w.BatchGetImage(ctx, &sdk.BatchGetImageInput{RepositoryName: aws.String("orders")}); code(err) != "InvalidParameterException" {
			t.Error(err)
		}
	})
}

func TestHandle(t *testing.T) {
	w := newWorld()
	w.PushImage("orders", one)
	w.within(func(ctx context.Context) {
		for _, in := range []any{
			&sdk.DescribeImagesInput{RepositoryName: aws.String("orders")},
			&sdk.BatchGetImageInput{RepositoryName: aws.String("orders"), ImageIds: []types.ImageIdentifier{{ImageDigest: &one}}},
			&sdk.DescribeRepositoriesInput{RepositoryNames: []string{"orders"}},
		} {
			if _, known, err := w.Handle(ctx, in); !known || err != nil {
				t.Errorf("%T: %v %v", in, known, err)
			}
		}
		if _, known, _ := w.Handle(ctx, &sdk.PutImageInput{}); known {
			t.Error("PutImage is not simulated")
		}
		if _, _, err := w.Handle(ctx, &sdk.DescribeRepositoriesInput{RepositoryNames: []string{"payments"}}); code(err) != "RepositoryNotFoundException" {
			t.Error(err)
		}
	})
}
