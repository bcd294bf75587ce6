"""Requests, reports and investigations somebody must answer: dated codes and case references, never prose."""
