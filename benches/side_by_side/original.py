"""The shape of the program that was replaced: Flask, a dictionary as the cache, jsonify, a Jinja page of
cards. Written after its README for the comparison; not its code.

Run by compare.py under gunicorn with four workers.
"""

import json
import os

from flask import Flask, jsonify, render_template_string

app = Flask(__name__)

with open(os.environ["RATES"], encoding="utf-8") as body:
    CACHE = json.load(body)["rates"]

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Crypto Rates</title></head><body>
<h1>Crypto Rates</h1><div class="row">
{% for code, rate in rates %}
  <div class="col-lg-3 col-md-4 col-sm-6 mb-4">
    <div class="card rate-card h-100 shadow-sm" data-type="{{ rate.type }}">
      <div class="card-header d-flex justify-content-between align-items-center">
        <h5 class="card-title mb-0">{{ rate.name }}</h5>
        <span class="badge bg-{{ 'warning' if rate.type == 'crypto' else 'primary' }}">{{ rate.type }}</span>
      </div>
      <div class="card-body">
        <div class="rate-value display-6">{{ "{:,.4f}".format(rate.value) }}</div>
        <div class="rate-unit text-muted">{{ rate.unit }}</div>
        <div class="rate-code text-muted small">1 BTC = {{ "{:,.4f}".format(rate.value) }} {{ code|upper }}</div>
      </div>
    </div>
  </div>
{% endfor %}
</div></body></html>"""


def by_value():
    return sorted(CACHE.items(), key=lambda item: item[1]["value"], reverse=True)


@app.get("/api/rates")
def rates():
    return jsonify({
        "rates": dict(by_value()),
        "last_updated": "2026-11-23 08:21:28 UTC",
        "total_currencies": len(CACHE),
    })


@app.get("/")
def page():
    return render_template_string(PAGE, rates=by_value())
