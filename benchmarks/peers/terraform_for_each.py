"""Terraform's floor, with `for_each`: the shape in which removing one row does not renumber the others."""

from __future__ import annotations

from benchmarks.peer import Kind, Peer

__all__ = ["PEER"]

_SOURCE = """
variable "size" { type = number }
variable "changed" { type = number }

locals {
  people    = { for n in range(var.size) : format("person%05d@bench.example", n) => n }
  companies = { for n in range(floor(var.size / 10)) : format("BENCH%05d", n) => n }
}

resource "terraform_data" "user" {
  for_each = local.people
  input = {
    email     = each.key
    firstname = "First${each.value}"
    lastname  = "Last${each.value}"
    type      = each.value < var.changed ? "STANDARD" : "READ_ONLY"
    view      = "COMPLETE"
  }
}

resource "terraform_data" "grant" {
  for_each   = local.people
  input      = { user = each.key, account = 2 }
  depends_on = [terraform_data.user]
}

resource "terraform_data" "company" {
  for_each = local.companies
  input    = { id = each.key, name = "Company ${each.value}" }
}
"""

PEER = Peer(
    name="terraform-for-each",
    what="Terraform with `terraform_data` and `for_each`, which calls nobody",
    kind=Kind.TERRAFORM,
    calls={},
    source=_SOURCE,
)
