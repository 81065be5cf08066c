module github.com/woodwork-lang/ww/internal/journal/compare

go 1.26.0

replace github.com/woodwork-lang/ww => ../../..

require github.com/woodwork-lang/ww v0.0.0

require (
	go.etcd.io/bbolt v1.4.3 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
