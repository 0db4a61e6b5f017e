package dev.sallyport.cli.check;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.util.List;

/** Checks as {@code linkerd check} prints them: under underlined categories, with the command and the page for what is not right, and one line for all of it. */
record CheckReport(List<Check> checks) {
    boolean failed() {
        return checks.stream().anyMatch(check -> check.result() == Check.Result.FAILED);
    }

    boolean warned() {
        return checks.stream().anyMatch(check -> check.result() == Check.Result.WARNING);
    }

    /** {@code shortly}: only what is not right. */
    void print(Invocation invocation, boolean shortly) {
        String category = "";
        for (Check check : checks) {
            if (shortly && check.result() == Check.Result.OK) {
                continue;
            }
            String own = Table.visible(check.category());
            if (!own.equals(category)) {
                invocation.print((category.isEmpty() ? "" : "\n") + own);
                invocation.print("-".repeat(own.length()));
                category = own;
            }
            invocation.print(
                    invocation.paint(check.result().colour, check.result().mark) + " " + Table.visible(check.what()));
            check.fix().ifPresent(fix -> {
                invocation.print("    fix: " + Table.visible(fix));
                invocation.print("    docs: " + docs(check));
            });
        }
        if (!category.isEmpty()) {
            invocation.print("");
        }
        Check.Result all = failed() ? Check.Result.FAILED : Check.Result.OK;
        invocation.print("Status check results are " + invocation.paint(all.colour, all.mark));
    }

    ObjectNode json() {
        ObjectNode json = Invocation.JSON.createObjectNode().put("ok", !failed());
        ArrayNode list = json.putArray("checks");
        for (Check check : checks) {
            ObjectNode one = list.addObject()
                    .put("code", check.code().code())
                    .put("category", check.category())
                    .put("result", check.result().word())
                    .put("what", check.what());
            check.fix().ifPresent(fix -> one.put("fix", fix).put("docs", docs(check)));
        }
        return json;
    }

    private static String docs(Check check) {
        return "sallyport docs " + check.code().code();
    }
}
