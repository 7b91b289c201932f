<#import "template.ftl" as layout>
<@layout.registrationLayout displayMessage=false; section>
  <#if section = "header">
    ${msg("enterpriseConnectInvitationTitle", organization)}
  <#elseif section = "form">
    <div id="enterprise-connect-invitation" class="pf-v5-c-content">
      <p>${msg("enterpriseConnectInvitationIntroduction", application, organization)}</p>
      <#if relink>
        <p>${msg("enterpriseConnectInvitationRelink")}</p>
      </#if>
      <h2>${msg("enterpriseConnectInvitationAccess")}</h2>
      <ul>
        <#list scopes + delegatedScopes as scope>
          <li><code><#list scope?split("/") as part>${part}<#sep>/<wbr></#sep></#list></code></li>
        </#list>
      </ul>
      <#if domains?has_content>
        <h2>${msg("enterpriseConnectInvitationDomains")}</h2>
        <ul>
          <#list domains as domain><li><#list domain?split(".") as part>${part}<#sep>.<wbr></#sep></#list></li></#list>
        </ul>
      </#if>
      <h2>${msg("enterpriseConnectInvitationLimit")}</h2>
      <p>${msg("enterpriseConnectInvitationLimitText")}</p>
      <#list ["Google", "Microsoft", "Exchange"] as provider>
        <details class="pf-v5-u-mb-sm">
          <summary>${msg("enterpriseConnectInvitation" + provider)}</summary>
          <ol class="pf-v5-u-mt-sm">
            <#list 1..3 as step><li>${msg("enterpriseConnectInvitation" + provider + step)}</li></#list>
          </ol>
        </details>
      </#list>
      <p class="pf-v5-u-mt-lg">${msg("enterpriseConnectInvitationExpires", expires)}</p>
    </div>
    <form method="post" class="${properties.kcFormClass!} pf-v5-u-mt-lg">
      <div id="kc-form-buttons" class="${properties.kcFormGroupClass!}">
        <input class="${properties.kcButtonClass!} ${properties.kcButtonPrimaryClass!} ${properties.kcButtonBlockClass!} ${properties.kcButtonLargeClass!}" type="submit" id="enterprise-connect-continue" value="${msg("enterpriseConnectInvitationContinue")}">
      </div>
    </form>
  </#if>
</@layout.registrationLayout>
