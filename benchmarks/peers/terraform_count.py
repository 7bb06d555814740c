"""Terraform's floor, with `count`: as many resources of a kind that calls nobody.

The grants name their user by address and wait for all of them, rather than refer to the one: measured to be faster, and
this is meant to be Terraform's best.
"""

from __future__ import annotations

from benchmarks.peer import Kind, Peer

__all__ = ["PEER"]

_SOURCE = """
variable "size" { type = number }
variable "changed" { type = number }

resource "terraform_data" "user" {
  count = var.size
  input = {
    email     = format("person%05d@bench.example", count.index)
    firstname = "First${count.index}"
    lastname  = "Last${count.index}"
    type      = count.index < var.changed ? "STANDARD" : "READ_ONLY"
    view      = "COMPLETE"
  }
}

resource "terraform_data" "grant" {
  count      = var.size
  input      = { user = format("person%05d@bench.example", count.index), account = 2 }
  depends_on = [terraform_data.user]
}

resource "terraform_data" "company" {
  count = floor(var.size / 10)
  input = { id = format("BENCH%05d", count.index), name = "Company ${count.index}" }
}
"""

PEER = Peer(
    name="terraform-count",
    what="Terraform with `terraform_data` and `count`, which calls nobody",
    kind=Kind.TERRAFORM,
    calls={},
    source=_SOURCE,
)
